#!/usr/bin/env python3
"""The watermark beside its peers on PyPI, over the same pictures and attacks in one run.

For each tool: how visible the mark is at native size (SSIMULACRA2, butteraugli's 3-norm), how often the whole 64-bit
payload comes back after each attack, payloads that are wrong, and CPU time. The short run takes some pictures of each
size, the full one all of them, pictures that nobody looked at while tuning (see artwork.py), the other strengths, two
marks in one picture, marks under a cloak, and false positives.

IMAGES is a folder of pictures, or of folders of them that are named by their long edge: one table for each. With
--results, what was measured is kept in that folder and not measured again.
"""
import argparse, concurrent.futures, glob, os, re, sys, tempfile, time

from watermarking import false_positives, tables
from watermarking.attacks import ATTACKS
from watermarking.measure import Store
from watermarking.tools import Fixative, Recipe, peers

PARTS = ["public", "unseen", "strengths", "both", "recipes", "false-positives"]


def pictures(folder):
    return sorted(path for kind in ("png", "jpg", "jpeg") for path in glob.glob(f"{folder}/*.{kind}"))


def long_edge(name):
    """Sets are named by their pictures' size: 512, 1024x768."""
    number = re.match(r"\d+", name)
    return int(number.group()) if number else 0


def sets(folder):
    """Name and pictures of each set, the smallest pictures first."""
    names = [os.path.basename(os.path.normpath(name)) for name in glob.glob(f"{folder}/*/")]
    found = {name: pictures(os.path.join(folder, name)) for name in sorted(names, key=long_edge)}
    found = {name: files for name, files in found.items() if files}
    return found or {os.path.basename(os.path.normpath(folder)): pictures(folder)}


def some(items, count):
    """So many of them, evenly spaced."""
    if count >= len(items):
        return items
    return [items[round(index * (len(items) - 1) / max(count - 1, 1))] for index in range(count)]


class Bench:
    def __init__(self, options):
        self.options = options
        self.store = Store(options.results)
        self.peers = peers()
        # SSIMULACRA2 and the attacks hold on to one core each: processes, not threads.
        self.pool = concurrent.futures.ProcessPoolExecutor(options.jobs)

    def run(self, jobs):
        """Results of (label, tool, picture) in order."""
        jobs = [(label, tool, picture) for label, tool, picture in jobs]
        futures = [
            self.pool.submit(self.store.measured, label, tool, picture, list(ATTACKS)) for label, tool, picture in jobs]
        return [future.result() for future in futures]

    def table(self, title, columns):
        """`columns`: name, tool or tools, label, pictures. Prints one table and what was not read."""
        start = time.time()
        results = {}
        for name, tool, label, files in columns:
            results[name] = self.run((label, tool, file) for file in files)
        print(f"\n### {title}\n\n{tables.comparison(results)}")
        for name, _, _, _ in columns:
            if name.startswith("fixative"):
                print(f"\nNot read, {name} (picture, SSIMULACRA2, butteraugli, attacks):\n")
                print(tables.failures(results[name]))
        print(f"\n({time.time() - start:.0f} s)", flush=True)
        return results

    def beside_peers(self, name, files, ours, theirs):
        mine = Fixative(self.options.fixative)
        columns = [("fixative", mine, f"{name}-fixative", some(files, ours))]
        if theirs:
            columns += [(peer.name, peer, f"{name}-{peer.name}", some(files, theirs)) for peer in self.peers]
        results = self.table(f"{name}, strength standard", columns)
        if theirs:
            print(ratios(results))

    def strengths(self, name, files, count):
        self.table(f"{name}, the other strengths", [
            (f"fixative, {strength}", Fixative(self.options.fixative, strength), f"{name}-{strength}", some(files, count))
            for strength in ("subtle", "strong")])

    def recipes(self, name, files, count):
        self.table(f"{name}, whole recipes", [
            (f"fixative, {recipe}", Recipe(self.options.fixative, recipe), f"{name}-recipe-{recipe}", some(files, count))
            for recipe in ("subtle", "standard", "strong")])

    def both(self, name, files, count):
        """A public and a private mark in one picture, the public one first."""
        with tempfile.TemporaryDirectory() as folder:
            key = os.path.join(folder, "key")
            with open(key, "w") as file:
                file.write("5b" * 32 + "\n")
            os.chmod(key, 0o600)
            tools = [Fixative(self.options.fixative), Fixative(self.options.fixative, key=key)]
            results = self.run((f"{name}-both", tools, file) for file in some(files, count))
        print(f"\n### {name}, a public and then a private mark in one picture\n")
        print(tables.both(results), flush=True)


def ratios(results):
    ours = results["fixative"]
    rows = []
    for name, theirs in results.items():
        if name != "fixative":
            rows.append(f"{name} {tables.known_speed(ours) / tables.known_speed(theirs):.1f} and "
                        f"{tables.extract_time(theirs) / tables.extract_time(ours):.1f}")
    return ("\nRatios to the peers, embedding with a known gain and extraction of the picture as it is, per megapixel: "
            + "; ".join(rows) + ".")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixative")
    parser.add_argument("images")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--unseen")
    parser.add_argument("--results")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", help=f"parts of the full run: {', '.join(PARTS)}")
    parser.add_argument("--trials", type=int, default=10_000, help="false positives: (picture, wrong key) pairs")
    options = parser.parse_args()
    parts = options.only.split(",") if options.only else PARTS if options.full else PARTS[:1]
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"There is no part {', '.join(unknown)}: there are {', '.join(PARTS)}.")
    found = sets(options.images)
    if not any(found.values()):
        sys.exit(f"There are no PNG or JPEG files in {options.images}.")
    temporary = tempfile.TemporaryDirectory()
    options.results = options.results or temporary.name
    bench = Bench(options)
    many = 1000
    for name, files in found.items():
        # Peers and large pictures are slow.
        size = 0 if long_edge(name) < 700 else 1 if long_edge(name) < 1500 else 2
        if "public" in parts:
            ours, theirs = (many, (12, 4, 2)[size]) if options.full else ((4, 2, 1)[size], (2, 0, 0)[size])
            bench.beside_peers(name, files, ours, theirs)
    if "unseen" in parts and options.unseen:
        for name, files in sets(options.unseen).items():
            bench.beside_peers(f"unseen {name}", files, many, 0)
    if "strengths" in parts:
        for name, files in found.items():
            bench.strengths(name, files, many)
    if "both" in parts:
        for name, files in list(found.items())[:1]:
            bench.both(name, files, many)
    if "recipes" in parts:
        for name, files in list(found.items())[:1]:
            bench.recipes(name, files, many)
    if "false-positives" in parts:
        smallest = [next(iter(sets(folder).values())) for folder in (options.images, options.unseen) if folder]
        false_positives.run(options.fixative, sum(smallest, []), options.trials, bench.pool)
    bench.pool.shutdown()


if __name__ == "__main__":
    main()
