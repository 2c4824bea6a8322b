"""``AndroidManifest.xml``: the permissions and features an app asks for, and what its components declare.

Source: developer.android.com/guide/topics/manifest. What Gradle fills in (``${applicationId}``) stays as written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.text import Misread, small

_ANDROID = "http://schemas.android.com/apk/res/android "
_DEEPEST = 64
_MOST = 20_000


@dataclass(frozen=True)
class Element:
    """One element: its `path` of tags from the root (``manifest/application/activity``), its attributes without the ``android:`` prefix;
    those of other namespaces keep the namespace and a blank in front."""

    place: Place
    path: str
    attributes: dict[str, str]

    @property
    def tag(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def name(self) -> str:
        return self.attributes.get("name", "")


@dataclass
class AndroidManifest:
    """A manifest, its elements in the order they are written."""

    path: str
    elements: list[Element] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)

    def named(self, *tags: str) -> dict[str, Element]:
        """The elements of these tags by their ``android:name``."""
        return {element.name: element for element in self.elements if element.tag in tags and element.name}

    @property
    def permissions(self) -> dict[str, Element]:
        """What the app asks permission for, by name: ``android.permission.CAMERA``."""
        return self.named("uses-permission", "uses-permission-sdk-23")

    @property
    def application(self) -> Element | None:
        return next((element for element in self.elements if element.path == "manifest/application"), None)


def read(file: File) -> AndroidManifest:
    """The elements of a manifest.

    Raises:
        Misread: it is no well-formed XML, defines entities, or is nested too deep.
    """
    found, stack = AndroidManifest(file.shown), list[str]()
    parser = expat.ParserCreate(namespace_separator=" ")

    def here() -> Place:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        return Place(file.shown, Span(line, column, line, column + 1))

    def begin(tag: str, attributes: dict[str, str]) -> None:
        stack.append(tag)
        if len(stack) > _DEEPEST or len(found.elements) > _MOST:
            raise Misread("more elements, or nested deeper, than a person writes", here())
        known = {name.removeprefix(_ANDROID): value for name, value in attributes.items()}
        found.elements.append(Element(here(), "/".join(stack), known))

    def refuse(*_: object) -> None:
        raise Misread("entities of its own, which manifests have no use for", here())

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(small(file).lstrip().encode(), True)
    except expat.ExpatError as error:
        raise Misread(f"no well-formed XML: {expat.errors.messages.get(error.code, 'error')}", here()) from None
    if not found.elements or found.elements[0].path != "manifest":
        raise Unreadable("XML whose root is no manifest")
    return found
