"""Prometheus asks TensorFlow Serving where it does not answer.

Metrics are at ``/monitoring/prometheus/metrics`` of the REST port, and only if `--monitoring_config_file` turns them on; Prometheus
asks for ``/metrics`` unless it is told otherwise, and gets ``404 Not Found``: the target is down.

```yaml bad path=prometheus.yml
scrape_configs:
  - job_name: serving  # <-
    static_configs:
      - targets: ["serving:8501"]
  - job_name: app
    static_configs:
      - targets: ["app:8000"]
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: --monitoring_config_file=/models/monitoring.config
  app:
    image: python:3.12
```

```yaml good path=prometheus.yml
scrape_configs:
  - job_name: serving
    metrics_path: /monitoring/prometheus/metrics
    static_configs:
      - targets: ["serving:8501"]
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: --monitoring_config_file=/models/monitoring.config
```

The path may be another by the server's settings.

```yaml good path=prometheus.yml
scrape_configs:
  - job_name: serving
    static_configs:
      - targets: ["serving:8501"]
```

```textproto + path=monitoring.config
prometheus_config { enable: true, path: "/metrics" }
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: --monitoring_config_file=/models/monitoring.config
```

The gRPC port speaks no HTTP.

```yaml bad path=prometheus.yml
scrape_configs:
  - job_name: serving  # <-
    metrics_path: /monitoring/prometheus/metrics
    static_configs:
      - targets: ["serving:8500"]
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: --monitoring_config_file=/models/monitoring.config
```

Without its file the server has no metrics.

```yaml bad path=monitor/prometheus.yml
scrape_configs:
  - job_name: serving  # <-
    metrics_path: /monitoring/prometheus/metrics
    static_configs:
      - targets: ["serving:8501"]
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
```

References: `model_servers/http_server.cc`, `util/prometheus_exporter.cc` and `config/monitoring_config.proto` of TensorFlow Serving.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.monitoring import ScrapeJob, Scraping
from deplint.settings.serving import GRPC, REST, Server, servers
from deplint.settings.triton import METRICS, Monitoring

FLAG = "monitoring_config_file"


@rule(
    "DPL513",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/g3doc/serving_config.md#monitoring-configuration",
        "https://stackoverflow.com/q/52975301",
    ],
)
def tfs_metrics_path(scraping: Scraping, project: Project) -> Iterator[Finding]:
    for job in scraping.jobs:
        for target in job.targets:
            host, _, port = (target.text or "").rpartition(":")
            found = [s for s in servers(project) if s.deployment.kind == "compose" and host and s.container.name == host and s.plain]
            fault = _fault(job, port, found[0], project) if len(found) == 1 else None
            if fault:
                yield Finding(job, f"Prometheus gets no metrics from {target.text}: {fault[0]}", help=fault[1])
                break


def _fault(job: ScrapeJob, port: str, server: Server, project: Project) -> tuple[str, str] | None:
    rest = server.flags["rest_api_port"].text if "rest_api_port" in server.flags else str(REST)
    grpc = server.flags["port"].text if "port" in server.flags else str(GRPC)
    if FLAG not in server.flags:
        return "TensorFlow Serving has none without --monitoring_config_file", f"start it with --{FLAG}=/models/monitoring.config"
    if port == grpc and port != rest:
        return f"TensorFlow Serving speaks gRPC on port {port}", f"ask port {rest}"
    known = {monitoring.metrics or METRICS for monitoring in project.all(Monitoring)}
    paths = known or {METRICS}
    if job.path.text is not None and job.path.text not in paths and port == rest:
        return f"TensorFlow Serving does not answer at {job.path.text}", f"metrics_path: {sorted(paths)[0]}"
    return None
