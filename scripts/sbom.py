"""A bill of materials of what an installation holds, from its lock: `python scripts/sbom.py LOCK OUT`.

CycloneDX 1.6 (ECMA-424). Each library is a component with its package URL and the SHA-256 of each of its files, one
of which is installed; what needs what is in `dependencies`. The same lock makes the same file, byte for byte, so
that two of them can be compared. Standard library alone: what tells of the supply chain should not lengthen it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? ?\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VIA = re.compile(r"^    # (?:via |  )([a-z0-9-]+)(?: \(.*\))?$")


def components(lock: str) -> list[dict[str, Any]]:
    """Those of a lock in order, each with the names of what wants it under `via`."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            found.append({**pinned.groupdict(), "hashes": [], "via": []})
        elif hashed := HASH.search(line):
            found[-1]["hashes"].append(hashed[1])
        elif via := VIA.match(line):
            found[-1]["via"].append(via[1])
    return found


def bill(lock: str, name: str, version: str) -> dict[str, Any]:
    """The whole document."""
    ours = f"pkg:pypi/{name}@{version}"
    listed = components(lock)
    purls: dict[str, list[str]] = {name: [ours]}
    for each in listed:  # one library may stand there in two versions, for two Pythons
        purls.setdefault(each["name"], []).append(f"pkg:pypi/{each['name']}@{each['version']}")
    needs: dict[str, set[str]] = {purl: set() for each in purls.values() for purl in each}
    for each in listed:
        for wanting in each["via"]:
            for purl in purls.get(wanting, ()):
                needs[purl].add(f"pkg:pypi/{each['name']}@{each['version']}")
    digest = hashlib.sha256(lock.encode()).hexdigest()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{ours}#{digest}')}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": ours, "name": name, "version": version, "purl": ours},
            "properties": [{"name": "understudy:lock:sha256", "value": digest}],
        },
        "components": [_component(each) for each in listed],
        "dependencies": [{"ref": purl, "dependsOn": sorted(needs[purl])} for purl in sorted(needs)],
    }


def _component(each: dict[str, Any]) -> dict[str, Any]:
    """The hashes are properties: `hashes` would say that one file has all of them."""
    purl = f"pkg:pypi/{each['name']}@{each['version']}"
    properties = [{"name": "understudy:file:sha256", "value": value} for value in each["hashes"]]
    if each["marker"]:
        properties.append({"name": "understudy:installed-if", "value": each["marker"]})
    return {
        "type": "library",
        "bom-ref": purl,
        "name": each["name"],
        "version": each["version"],
        "purl": purl,
        "properties": properties,
    }


def main(lock: Path, out: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    document = bill(lock.read_text(encoding="utf-8"), project["name"], project["version"])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{out}: {len(document['components'])} libraries")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
