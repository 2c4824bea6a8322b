"""Names in a manifest that do not meet: labels, volumes, memory.

A Service sends requests to pods that have all labels of its selector; where none has, there are no endpoints, and each request is refused:
``connect: connection refused``, ``no endpoints available for service``. A Deployment whose selector is not among the labels of its template
is refused: ``selector does not match template labels``, and so is a mount of a volume that the pod does not have: ``volumeMounts[0].name:
Not found``. A limit of ``512m`` is half a byte of memory: `m` is a thousandth; megabytes are ``Mi``.

```yaml bad path=serving.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: tfs}
spec:
  selector: {matchLabels: {app: tfs}}
  template:
    metadata: {labels: {app: tfs}}
    spec:
      containers:
        - name: tfs
          image: tensorflow/serving:2.13.0
          resources: {limits: {memory: 512m}}  # <-
          volumeMounts:
            - name: models  # <-
              mountPath: /models
      volumes:
        - name: model-store
          persistentVolumeClaim: {claimName: models}
---
apiVersion: v1
kind: Service
metadata: {name: tfs}
spec:
  selector: {app: tf-serving}  # <-
  ports: [{port: 80, targetPort: 8501}]
```

```yaml bad path=deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: triton}
spec:
  selector: {matchLabels: {app: triton}}  # <-
  template:
    metadata: {labels: {app: server}}
    spec:
      containers: [{name: triton, image: "nvcr.io/nvidia/tritonserver:23.10-py3"}]
```

```yaml good path=serving.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tfs}
spec:
  selector: {matchLabels: {app: tfs}}
  template:
    metadata: {labels: {app: tfs, version: "2"}}
    spec:
      containers:
        - name: tfs
          image: tensorflow/serving:2.13.0
          resources: {limits: {memory: 2Gi, cpu: 500m}}
          volumeMounts: [{name: models, mountPath: /models}, {name: data, mountPath: /data}]
      volumes: [{name: models, emptyDir: {}}]
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: v1
kind: Service
metadata: {name: tfs}
spec:
  selector: {app: tfs}
  ports: [{port: 80, targetPort: 8501}]
```

A Service may be for pods of another file, and what is put together by tools is not known.

```yaml good path=service.yaml
apiVersion: v1
kind: Service
metadata: {name: tfs}
spec:
  selector: {app: tf-serving}
  ports: [{port: 80, targetPort: 8501}]
```

References: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector;
https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment, together
from deplint.settings.yamltree import Node

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


@rule(
    "DPL685",
    severity="error",
    leaves=["S.3.3", "S.5.4"],
    see=[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
        "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory",
    ],
)
def kubernetes_names_differ(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if deployment.kind != "kubernetes":
        return
    for tree in deployment.documents:
        for workload in [tree, *tree.list("items")]:
            if workload.string("kind") in WORKLOADS and (workload.string("apiVersion") or "").startswith(("apps/", "extensions/")):
                yield from _selector(workload)
                yield from _mounts(workload)
        yield from _memory(tree)
    manifests = together(deployment, project)
    whole = any(re.search(r"kustomization|Chart\.ya?ml", file.name, re.I) for file in project.files)
    others = [d for d in project.all(Deployment) if d.kind == "kubernetes" and d not in manifests]
    pods = [container.labels for manifest in manifests for container in manifest.containers if container.labels]
    for service in deployment.services:
        wanted = service.selector.items()
        here = [c for c in deployment.containers if c.labels]
        if not wanted or not here or whole or any(wanted <= labels.items() for labels in pods):
            continue
        if not any(wanted <= c.labels.items() for other in others for c in other.containers):
            shown = ", ".join(f"{name}: {value}" for name, value in service.selector.items())
            node = next((n for t in deployment.documents for n in [t, *t.list("items")] if n.place == service.place), None)
            selector = node.get("spec", "selector") if node is not None else None
            place = node.entries["spec"].keys["selector"] if node is not None and selector is not None else service.place
            yield Finding(
                place,
                f"the Service {service.name} selects {shown}, which no pod here has: it has no endpoints, and answers nothing",
                help="select labels of the pods: " + ", ".join(f"{name}: {value}" for name, value in here[0].labels.items()),
            )


def _selector(workload: Node) -> Iterator[Finding]:
    wanted = {name: value.text for name, value in workload.map("spec", "selector", "matchLabels").items()}
    there = {name: value.text for name, value in workload.map("spec", "template", "metadata", "labels").items()}
    spec = workload.get("spec")
    if spec is not None and wanted and there and not wanted.items() <= there.items() and "selector" in spec.keys:
        yield Finding(
            spec.keys["selector"],
            "the selector is not among the labels of the template: Kubernetes refuses it, selector does not match template labels",
            help="give the template the labels " + ", ".join(f"{name}: {value}" for name, value in wanted.items()),
        )


def _mounts(workload: Node) -> Iterator[Finding]:
    spec = workload.get("spec", "template", "spec")
    if spec is None:
        return
    claims = [claim.string("metadata", "name") for claim in workload.list("spec", "volumeClaimTemplates")]
    known = {*(volume.string("name") for volume in spec.list("volumes")), *claims}
    for container in [*spec.list("containers"), *spec.list("initContainers")]:
        for mount in container.list("volumeMounts"):
            name = mount.get("name")
            if name is not None and name.text and None not in known and name.text not in known:
                yield Finding(
                    name,
                    f"the pod has no volume {name.text!r}: Kubernetes refuses it, volumeMounts: Not found",
                    help="its volumes are: " + (", ".join(sorted(str(one) for one in known)) or "none"),
                )


def _memory(tree: Node) -> Iterator[Finding]:
    for node in tree.walk():
        for kind in ("limits", "requests"):
            memory = node.get("resources", kind, "memory")
            if memory is not None and memory.text and re.fullmatch(r"\d+m", memory.text):
                yield Finding(
                    memory,
                    f"{memory.text} is {int(memory.text[:-1]) / 1000:g} bytes, as m is a thousandth: no container starts with that",
                    help=f"write {memory.text[:-1]}Mi",
                )
