#!/usr/bin/env python3
"""Makes manual pages of a program's --help: one for the program, and one for each of its commands.

Usage: man-pages.py PROGRAM DIRECTORY VERSION
The texts come from `PROGRAM --experimental-dump-help`, which is all that `--help` shows, as JSON.
"""
import json
import os
import re
import subprocess
import sys


def plain(text):
    """A text that groff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", r"\\&.", text, flags=re.M)


def paragraphs(text):
    """The discussion: indented blocks keep their lines, the rest is filled."""
    lines = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        rows = block.split("\n")
        lines.append(".PP")
        inside = False
        for row in rows:
            is_kept = row.startswith("  ")
            if is_kept != inside:
                lines += [".RS 4", ".nf"] if is_kept else [".fi", ".RE"]
                inside = is_kept
            lines.append(plain(row[2:] if is_kept else row))
        if inside:
            lines += [".fi", ".RE"]
    return lines


def names(argument):
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    return [dashes[name["kind"]] + name["name"] for name in argument.get("names", [])]


def usage(argument):
    value = "<" + argument.get("valueName", "value") + ">"
    if argument["kind"] == "positional":
        text = value
    else:
        text = argument_name(argument) + (" " + value if argument["kind"] == "option" else "")
    text += " ..." if argument["isRepeating"] else ""
    return "[" + text + "]" if argument["isOptional"] else text


def argument_name(argument):
    preferred = argument["preferredName"]
    return {"long": "--", "short": "-", "longWithSingleDash": "-"}[preferred["kind"]] + preferred["name"]


def page(path, command, version, date):
    shown = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    own = [a for a in shown if a["kind"] == "positional" or (a.get("names") or [{}])[0].get("name") != "help"]
    subcommands = [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    title = "-".join(path)
    lines = [
        f'.TH "{title.upper()}" 1 "{date}" "TicketFlower {version}" "TicketFlower"',
        ".SH NAME", f"{plain(title)} \\- {plain(command.get('abstract', '').rstrip('.'))}",
        ".SH SYNOPSIS", ".B " + plain(" ".join(path)),
    ]
    lines += [plain(usage(a)) for a in own if a["kind"] == "positional" or not a["isOptional"]]
    lines.append("<command>" if subcommands else "[<options>]")
    if command.get("discussion"):
        lines += [".SH DESCRIPTION"] + paragraphs(command["discussion"])
    if subcommands:
        lines.append(".SH COMMANDS")
        for sub in subcommands:
            is_default = sub["commandName"] == command.get("defaultSubcommand")
            lines += [".TP", f".BR {plain('-'.join(path + [sub['commandName']]))} (1)",
                      plain(sub.get("abstract", "") + (" It is run if no command is given." if is_default else ""))]
    for heading, kinds in (("ARGUMENTS", ["positional"]), ("OPTIONS", ["option", "flag"])):
        chosen = [a for a in own if a["kind"] in kinds]
        if chosen:
            lines.append(".SH " + heading)
        for argument in chosen:
            value = "<" + argument.get("valueName", "value") + ">"
            head = value if argument["kind"] == "positional" else ", ".join(names(argument))
            head += " " + value if argument["kind"] == "option" else ""
            lines += [".TP", ".B " + plain(head), plain(argument.get("abstract", ""))]
    others = [path[:-1]] if len(path) > 1 else []
    others += [path + [sub["commandName"]] for sub in subcommands]
    if others:
        lines += [".SH SEE ALSO", ",\n".join(f".BR {plain('-'.join(other))} (1)" for other in others)]
    return "\n".join(lines) + "\n", subcommands


def write(path, command, directory, version, date):
    text, subcommands = page(path, command, version, date)
    with open(os.path.join(directory, "-".join(path) + ".1"), "w", encoding="utf-8") as file:
        file.write(text)
    for sub in subcommands:
        write(path + [sub["commandName"]], sub, directory, version, date)


def main():
    program, directory, version = sys.argv[1:]
    dump = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True)
    command = json.loads(dump.stdout)["command"]
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    date = subprocess.run(
        ["date", "-u", "+%Y-%m-%d"] + (["-d", "@" + seconds] if seconds else []), check=True, capture_output=True, text=True)
    os.makedirs(directory, exist_ok=True)
    write([os.path.basename(program)], command, directory, version, date.stdout.strip())


main()
