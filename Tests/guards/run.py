#!/usr/bin/env python3
"""Takes out each guard of guards.json in turn, in a copy of the sources, and shows that its test turns red.

Usage: run.py [WORD...]   only guards whose guarantee, file or test contains one of the words
The copy and its build stay in GUARDS_TREE (.build/guards); the first build there takes as long as any first build.
Exit status: 0 every guard has a test that turns red, 1 one has none, 2 a guard is not in its file exactly once.
"""
import json, os, re, signal, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = Path(os.environ.get("GUARDS_TREE", ROOT / ".build/guards"))
BUILD = ["swift", "build", "--build-tests"]
# Seconds for a test: without its guard, it may go on for ever.
LONGEST = 120


def copy():
    """The sources as they are, without what was built."""
    TREE.mkdir(parents=True, exist_ok=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    archive = subprocess.Popen(
        ["tar", "--create", "--null", "--files-from=-"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    extract = subprocess.Popen(["tar", "--extract", "--skip-old-files"], cwd=TREE, stdin=archive.stdout)
    archive.stdin.write(names)
    archive.stdin.close()
    if archive.wait() or extract.wait():
        sys.exit("the sources could not be copied")
    # Only what differs is written, so that what was built stays good.
    for name in names.decode().split("\0"):
        if name and (ROOT / name).is_file() and (TREE / name).read_bytes() != (ROOT / name).read_bytes():
            (TREE / name).write_bytes((ROOT / name).read_bytes())


def build():
    result = subprocess.run(BUILD, cwd=TREE, capture_output=True, text=True)
    return None if result.returncode == 0 else [line for line in result.stdout.splitlines() if "error" in line][:3]


def kill_session(session):
    """Kills a command with all that it started: the tests run in a process group of their own."""
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.getsid(int(process.name)) == session:
                os.kill(int(process.name), signal.SIGKILL)
        except ProcessLookupError:
            pass


def test(guard):
    """Whether the guard's test passes, which never ending is not; None if no test of this name ran."""
    only = guard["suite"] + ".*" + re.escape(guard["test"])
    command = ["swift", "test", "--skip-build", "--disable-xctest", "--filter", only]
    tests = subprocess.Popen(
        command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        output = tests.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        kill_session(tests.pid)
        tests.communicate()
        return False
    name = f'Test "{guard["test"]}"'
    if any(line.startswith("✘ " + name) for line in output.splitlines()):
        return False
    if any(line.startswith("✔ " + name) for line in output.splitlines()):
        return True
    # A test that ends the process has not passed.
    return False if f"◇ {name} started" in output else None


def main():
    words = sys.argv[1:]
    guards = json.loads((ROOT / "Tests/guards/guards.json").read_text())
    chosen = [g for g in guards if not words or any(w in g["guarantee"] + g["file"] + g["test"] for w in words)]
    copy()
    if errors := build():
        sys.exit("the sources do not build: " + " ".join(errors))
    green = 0
    for guard in chosen:
        path = TREE / guard["file"]
        text = path.read_text()
        if text.count(guard["guard"]) != 1:
            print(f'{guard["file"]}: not there exactly once: {guard["guard"]}')
            sys.exit(2)
        start = time.monotonic()
        try:
            path.write_text(text.replace(guard["guard"], guard["without"]))
            errors = build()
            outcome = "does not build: " + " ".join(errors) if errors else {
                False: "red", True: "STILL GREEN", None: "NO SUCH TEST"}[test(guard)]
        finally:
            path.write_text(text)
        green += outcome != "red"
        print(f'{outcome:12} {time.monotonic() - start:4.0f} s  {guard["guarantee"]}: {guard["suite"]}, {guard["test"]}',
              flush=True)
    print(f"{len(chosen) - green} of {len(chosen)} guards have a test that turns red without them")
    sys.exit(1 if green else 0)


main()
