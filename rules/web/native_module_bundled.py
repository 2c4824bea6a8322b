"""A library with native code that Next.js puts into the bundle of its server.

What routes and server components of the app router import is bundled, a few packages aside; onnxruntime-node is among those from 15.2.1
on, and tfjs-node never: ``onnxruntime_binding.node Module parse failed: Unexpected character``, or the same of a page in ``node-pre-gyp``.

```js bad path=lib/embed.js
import { pipeline } from '@xenova/transformers'; // <-

export async function embed(text) {
  globalThis.embedder ??= pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2');
  return (await globalThis.embedder)(text, { pooling: 'mean' });
}
```

```js + path=app/api/search/route.js
import { embed } from '../../../lib/embed';

export async function GET(request) {
  return Response.json(await embed(new URL(request.url).searchParams.get('q') ?? ''));
}
```

```js + path=next.config.js
module.exports = { output: 'standalone', reactStrictMode: true };
```

```json + path=package.json
{ "dependencies": { "@xenova/transformers": "2.17.2", "next": "13.4.19", "react": "18.3.1" } }
```

A server component, and a module that passes on what another has.

```ts bad path=src/server/session.ts
import * as ort from 'onnxruntime-node'; // <-

export const session = ort.InferenceSession.create('models/net.onnx');
```

```ts + path=src/server/index.ts
export { session } from './session';
```

```tsx + path=src/app/score/page.tsx
import { session } from '@/server';

export default async function Page() {
  const net = await session;
  return <p>{net.inputNames.join(', ')}</p>;
}
```

```json + path=package.json
{ "dependencies": { "onnxruntime-node": "1.18.0", "next": "~14.2.3" } }
```

An action of the server.

```ts bad path=app/actions.ts
'use server';

import * as tf from '@tensorflow/tfjs-node'; // <-

export async function score(values: number[]) {
  const model = await tf.loadLayersModel('file://model/model.json');
  return (model.predict(tf.tensor2d([values])) as tf.Tensor).data();
}
```

```tsx + path=app/page.tsx
import { score } from './actions';

export default function Page() {
  return <form action={score as any} />;
}
```

```json + path=package.json
{ "dependencies": { "@tensorflow/tfjs-node": "4.20.0", "next": "15.3.0" } }
```

Packages that are kept out, API routes of the pages router, releases that know the package, and code of the browser are not meant.

```js good path=lib/embed.js
import { pipeline } from '@xenova/transformers';

export const embed = async (text) => (await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2'))(text);
```

```js + path=app/api/search/route.js
import { embed } from '../../../lib/embed';

export const GET = async () => Response.json(await embed('x'));
```

```js + path=next.config.js
const native = ['@xenova/transformers', 'onnxruntime-node', 'sharp'];
module.exports = { experimental: { serverComponentsExternalPackages: native } };
```

```json + path=package.json
{ "dependencies": { "@xenova/transformers": "2.17.2", "next": "13.4.19" } }
```

And:

```js good path=lib/embed.js
import { pipeline } from '@huggingface/transformers';

export const embed = async (text) => (await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2'))(text);
```

```js + path=pages/api/search.js
import { embed } from '../../lib/embed';

export default async (req, res) => res.json(await embed('x'));
```

```js + path=app/page.js
export default () => null;
```

```json + path=package.json
{ "dependencies": { "@huggingface/transformers": "3.0.0", "next": "14.2.0" } }
```

And:

```js good path=lib/embed.js
import { pipeline } from '@huggingface/transformers';

export const embed = async (text) => (await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2'))(text);
```

```js + path=app/api/route.js
import { embed } from '../../lib/embed';

export const GET = async () => Response.json(await embed('x'));
```

```json + path=package.json
{ "dependencies": { "@huggingface/transformers": "3.0.0", "next": "^15.1.0" } }
```

References: https://nextjs.org/docs/app/api-reference/config/next-config-js/serverExternalPackages;
https://huggingface.co/docs/transformers.js/tutorials/next
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.follow import home, importers
from deplint.apps.site import depends, release
from deplint.code.source import Import, SourceFile

KNOWN = {
    "onnxruntime-node": "15.2.1",
    "@xenova/transformers": "15.2.1",
    "@huggingface/transformers": "15.2.1",
    "@tensorflow/tfjs-node": "",
    "@tensorflow/tfjs-node-gpu": "",
}
"""Package with native code -> the first release of Next.js that keeps it out of the bundle by itself, as its
``server-external-packages.json`` says."""

HOPS = 4
"""Modules between a route and the import."""

_ROUTE = re.compile(r"(?:src/)?app/(?:.*/)?(?:route|page|layout|template|default|loading)\.[jt]sx?")
_CLIENT = re.compile(r"\A(?:\s|//[^\n]*\n|/\*.*?\*/)*[\"']use client[\"']", re.S)


@rule(
    "DPL935",
    severity="error",
    leaves=["B.5"],
    see=[
        "https://nextjs.org/docs/app/api-reference/config/next-config-js/serverExternalPackages",
        "https://github.com/huggingface/transformers.js/issues/183",
        "https://github.com/vercel/next.js/pull/76574",
        "https://github.com/vladmandic/human/issues/423",
    ],
)
def native_module_bundled(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"onnxruntime-node|/transformers\b|tfjs-node") or "next" not in depends(project, file.place):
        return
    for imported in file.imports:
        if imported.package in KNOWN and not imported.version and _bundled(imported, file, project):
            route = _route(file, project)
            if route:
                name = imported.package
                option = "serverExternalPackages" if _released(file, project, "15") else "experimental.serverComponentsExternalPackages"
                yield Finding(
                    imported,
                    f"{route} takes {name} into the bundle of the server, and with it its native code: Module parse failed",
                    help=f"{option}: ['{name}'] in next.config",
                )
                return


def _bundled(imported: Import, file: SourceFile, project: Project) -> bool:
    """Whether Next.js bundles a package, as far as its release and its configuration say."""
    since = KNOWN[imported.package]
    if not _released(file, project, "13", since or None):
        return False
    folder = home(project, file.place)
    configured = [each for each in project.files if each.path.parent == folder and re.fullmatch(r"next\.config\.[cm]?[jt]s", each.name)]
    words = re.escape(imported.package) + r"|onnxruntime-node|externals|tfjs-node|with\w+\("
    return not any(re.search(words, each.text) for each in configured)


def _released(file: SourceFile, project: Project, low: str, high: str | None = None) -> bool:
    """Whether the release of Next.js certainly is from `low` on and before `high`."""
    from deplint.settings.ranges import between

    used, wanted = release(project, file, "next"), between(low, high)
    return used is not None and wanted is not None and used <= wanted


def _route(file: SourceFile, project: Project) -> str:
    """A route or server component that a module is part of; empty if there is none, or the code may be the browser's."""
    folder, todo, seen = home(project, file.place), [(file, 0)], {file}
    while todo:
        each, hops = todo.pop(0)
        if _CLIENT.match(each.text):
            continue
        path = Path(os.path.abspath(each.path))
        if path.is_relative_to(folder) and _ROUTE.fullmatch(path.relative_to(folder).as_posix()):
            return each.path
        for other in importers(project, each) if hops < HOPS else ():
            if other not in seen:
                seen.add(other)
                todo.append((other, hops + 1))
    return ""
