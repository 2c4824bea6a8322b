"""A model server without authentication that the outside can reach.

TensorFlow Serving and Triton ask nobody who he is. A Service of type LoadBalancer gives them an address of their own, one of type
NodePort a port on each node: whoever finds it can use the model, at your cost, and ask the server what else it serves.

```yaml bad path=serving.yaml
apiVersion: v1
kind: Service
metadata: {name: fruit}
spec:
  type: LoadBalancer
  selector: {app: fruit}
  ports:
    - port: 8501  # <-
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    metadata: {labels: {app: fruit}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          ports: [{containerPort: 8501}]
```

```yaml good path=serving.yaml
apiVersion: v1
kind: Service
metadata: {name: fruit}
spec:
  selector: {app: fruit}
  ports: [{port: 8501}]
---
apiVersion: v1
kind: Service
metadata:
  name: inner
  annotations: {networking.gke.io/load-balancer-type: Internal}
spec:
  type: LoadBalancer
  selector: {app: fruit}
  ports: [{port: 8501}]
---
apiVersion: v1
kind: Service
metadata: {name: known}
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: [203.0.113.0/24]
  selector: {app: fruit}
  ports: [{port: 8501}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    metadata: {labels: {app: fruit}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          ports: [{containerPort: 8501}]
```

The Service may be a file of its own.

```yaml bad path=k8s/service.yaml
apiVersion: v1
kind: Service
metadata: {name: triton}
spec:
  type: NodePort
  selector: {app: triton}
  ports:
    - {port: 8000, nodePort: 30800}  # <-
```

```yaml + path=k8s/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: triton}
spec:
  selector: {matchLabels: {app: triton}}
  template:
    metadata: {labels: {app: triton}}
    spec:
      containers:
        - {name: triton, image: "nvcr.io/nvidia/tritonserver:24.05-py3", args: [tritonserver, --model-repository=s3://b/models]}
```

With certificates asked of the clients it knows them.

```yaml good path=serving.yaml
apiVersion: v1
kind: Service
metadata: {name: fruit}
spec: {type: LoadBalancer, selector: {app: fruit}, ports: [{port: 8500}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    metadata: {labels: {app: fruit}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          args: [--ssl_config_file=/etc/ssl.config]
```

References: the flags of TensorFlow Serving (`model_servers/main.cc`) know certificates and no other way; "Secure Deployment
Considerations" of Triton.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment, Service, together
from deplint.settings.yamltree import Node

OPEN = {"tensorflow/serving": "TensorFlow Serving", "nvcr.io/nvidia/tritonserver": "Triton"}
KNOWN = ("ssl_config_file", "use_alts_credentials", "grpc-use-ssl-mutual", "http-restricted-api")
"""Flags that let the server know who asks."""


@rule(
    "DPL904",
    severity="warning",
    leaves=["S.4.6"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/model_servers/main.cc",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/customization_guide/deploy.md",
        "https://stackoverflow.com/q/50825925",
    ],
)
def model_server_exposed(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for service in deployment.services:
        if service.type not in ("LoadBalancer", "NodePort") or not service.ports or _inner(service, deployment):
            continue
        for container in (container for other in together(deployment, project) for container in other.behind(service)):
            server = OPEN.get((container.image.repository if container.image else None) or "")
            if server and not any(flag in container.flags for flag in KNOWN):
                yield Finding(
                    service.ports[0],
                    f"{server} asks nobody who he is, and a Service of type {service.type} lets the outside reach it",
                    help="make it ClusterIP, and put a gateway that authenticates in front",
                )
                break


def _inner(service: Service, deployment: Deployment) -> bool:
    """The Service is for a network of one's own, or for addresses that are listed."""
    trees = [tree for tree in deployment.documents if tree.string("kind") == "Service" and tree.string("metadata", "name") == service.name]
    return any(tree.get("spec", "loadBalancerSourceRanges") is not None or _internal(tree) for tree in trees)


def _internal(tree: Node) -> bool:
    annotations = tree.map("metadata", "annotations").items()
    return any("internal" in f"{name} {node.text}".lower() for name, node in annotations)
