"""An element of an Angular template that is asked for before the view is there.

`@ViewChild` is, since Angular 9, set when the view has been made, before `ngAfterViewInit`. In the constructor and in `ngOnInit` it
is undefined: ``Cannot read properties of undefined (reading 'nativeElement')``. An element outside of any `*ngIf` can be had
earlier with ``{ static: true }``.

```ts bad path=src/app/eye.component.ts
import { Component, ElementRef, OnInit, ViewChild } from '@angular/core';
import * as mobilenet from '@tensorflow-models/mobilenet';

@Component({ selector: 'app-eye', templateUrl: './eye.component.html' })
export class EyeComponent implements OnInit {
  @ViewChild('video') video!: ElementRef<HTMLVideoElement>;

  async ngOnInit() {
    const element = this.video.nativeElement; // <-
    const model = await mobilenet.load();
    await model.classify(element);
  }
}
```

```json + path=package.json
{"dependencies": {"@angular/core": "^17.0.0"}}
```

Later, or with `static`:

```ts good path=src/app/eye.component.ts
import { AfterViewInit, Component, ElementRef, OnInit, ViewChild } from '@angular/core';
import * as mobilenet from '@tensorflow-models/mobilenet';

@Component({ selector: 'app-eye', templateUrl: './eye.component.html' })
export class EyeComponent implements OnInit, AfterViewInit {
  @ViewChild('video') video!: ElementRef<HTMLVideoElement>;
  @ViewChild('canvas', { static: true }) canvas!: ElementRef<HTMLCanvasElement>;

  async ngOnInit() {
    const context = this.canvas.nativeElement.getContext('2d');
    const model = await mobilenet.load();
    await model.classify(this.video.nativeElement);
  }

  ngAfterViewInit() {
    this.video.nativeElement.play();
  }
}
```

```json + path=package.json
{"dependencies": {"@angular/core": "^17.0.0"}}
```

References: https://angular.dev/api/core/ViewChild
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import release
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Await, Function, Member, Node, This
from deplint.settings.ranges import between

_CHILD = re.compile(r"@ViewChild\(([^()\n]*)\)\s*(?:(?:public|private|protected|readonly)\s+)*(\w+)\s*[!?:;]")
EARLY = frozenset({"ngOnInit", "constructor"})


@rule("DPL363", severity="error", leaves=["B.5"], see=["https://angular.dev/api/core/ViewChild"])
def view_child_too_early(file: SourceFile, project: Project) -> Iterator[Finding]:
    if (
        not file.web
        or not file.mentions(r"@ViewChild\(")
        or not file.mentions(r"@tensorflow|onnxruntime|@mediapipe|face-?api|ml5|/transformers")
    ):
        return
    used, since = release(project, file, "@angular/core"), between("9", None)
    if used is None or since is None or not used <= since:
        return
    late = {match[2] for match in _CHILD.finditer(file.text) if not re.search(r"static\s*:\s*true", match[1])}
    for node in file.meaning.nodes if late else ():
        if isinstance(node, Member) and node.attribute == "nativeElement" and isinstance(node.object, Member):
            field = node.object
            method = node.function
            if field.attribute not in late or not isinstance(field.object, This) or method is None or method.id not in EARLY:
                continue
            if "?." not in node.text and not _waited(method, node):
                yield Finding(
                    node,
                    f"{field.attribute} is undefined in {method.id}: the view is not there yet",
                    help="do this in ngAfterViewInit, or write @ViewChild('...', { static: true }) for what is in no *ngIf",
                )


def _waited(method: Function, node: Node) -> bool:
    """Whether the method waits for anything before, by when the view may be there."""
    at = (node.span.line, node.span.column)
    return any(
        isinstance(other, Await) and other.function is method and (other.span.line, other.span.column) < at
        for other in node.file.meaning.nodes
    )
