# SPDX-License-Identifier: Apache-2.0
"""Line coverage by room of the driver, and its least covered files, out of gcovr's summary. Usage: coverage.py FILE"""
import collections
import json
import pathlib
import sys

files = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
rooms = collections.defaultdict(lambda: [0, 0])
for file in files:
    for key in (pathlib.PurePath(file["filename"]).parts[1], "all"):
        rooms[key][0] += file["line_covered"]
        rooms[key][1] += file["line_total"]
for room, (covered, total) in sorted(rooms.items(), key=lambda item: (item[0] == "all", item[0])):
    print(f"    {room:12}{covered:7} of {total:6} lines  {100 * covered / total:5.1f} %")
print("  The least covered files:")
for file in sorted(files, key=lambda entry: entry["line_percent"])[:12]:
    print(f"    {file['line_percent']:5.1f} %  {file['filename']}")
