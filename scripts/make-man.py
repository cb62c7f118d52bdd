#!/usr/bin/env python3
"""Makes the manual page of a program from its own description of its options.

Usage: make-man.py PROGRAM [--keys] > docs/man/PROGRAM.1
The program is asked with --experimental-dump-help, so the page cannot say anything that the program does not.
"""
import json, os, re, subprocess, sys


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def name_of(argument):
    names = [("--" if name["kind"].startswith("long") else "-") + name["name"] for name in argument.get("names", [])]
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{escape(value)}\\fR" + ("..." if argument.get("isRepeating") else "")
    text = ", ".join(f"\\fB{escape(name)}\\fR" for name in names)
    return text + (f" \\fI{escape(value)}\\fR" if argument["kind"] == "option" else "")


def arguments_of(command):
    return [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)
            and not {n["name"] for n in a.get("names", [])} & {"help", "h", "version"}]


def synopsis(path, command):
    words = [f"\\fB{escape(' '.join(path))}\\fR"]
    for argument in arguments_of(command):
        text = name_of(argument)
        words.append(f"[{text}]" if argument.get("isOptional") else text)
    return " ".join(words)


def section(path, command, lines):
    children = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    if len(path) > 1 and (not children or arguments_of(command)):
        lines += [f".SS {escape(' '.join(path))}", synopsis(path, command), ".PP", escape(command.get("abstract", ""))]
        if command.get("discussion"):
            lines += [".PP", escape(command["discussion"])]
        for argument in arguments_of(command):
            lines += [".TP", name_of(argument), escape(argument.get("abstract", ""))]
    for child in children:
        section(path + [child["commandName"]], child, lines)


def main():
    program = sys.argv[1]
    name = os.path.basename(program)
    root = json.loads(subprocess.run(
        [program, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout)["command"]
    lines = [f'.TH {name.upper()} 1 "" "fixative" "User Commands"', ".SH NAME",
             f"{escape(name)} \\- {escape(root.get('abstract', ''))}", ".SH SYNOPSIS",
             f"\\fB{escape(name)}\\fR [\\fIsubcommand\\fR] [\\fIoptions\\fR]", ".SH DESCRIPTION",
             escape(root.get("discussion") or root.get("abstract", "")), ".SH SUBCOMMANDS"]
    section([name], root, lines)
    if "--keys" in sys.argv:
        lines.append(subprocess.run([program, "keys", "--manual"], capture_output=True, text=True, check=True).stdout)
    print("\n".join(lines).rstrip("\n"))


if __name__ == "__main__":
    main()
