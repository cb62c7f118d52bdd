"""Tables in Markdown of what was measured."""
from statistics import mean, median

from .attacks import COUNTED, GROUPS


def line(title, cells):
    return f"| {title} | " + " | ".join(cells) + " |"


def shares(results, names, which=0):
    """Percentage of pictures whose payload came back, for each attack that was made."""
    made = [name for name in names if name in results[0]["read"][which]]
    return {name: 100 * mean(result["read"][which][name]["right"] for result in results) for name in made}


def recovered(results, names, which=0):
    made = shares(results, names, which)
    return f"{mean(made.values()):.1f} %" if made else "–"


def pair(values, worst, digits):
    return f"{median(values):.{digits}f} / {worst(values):.{digits}f}"


def wrong(results):
    return sum(answer["wrong"] for result in results for read in result["read"] for answer in read.values())


def milliseconds(results, names):
    values = [result["read"][0][name]["ms"] for result in results for name in names if name in result["read"][0]]
    return f"{median(values):.0f}" if values else "–"


def speed(results):
    """CPU milliseconds per megapixel of embedding."""
    return median(result["embed_ms"] / result["megapixels"] for result in results)


def known_speed(results):
    """Megapixels per second of embedding with a gain that is known; peers know none."""
    if results[0]["known_ms"]:
        return median(1000 * result["megapixels"] / result["known_ms"] for result in results)
    return 1000 / speed(results)


def extract_time(results):
    """CPU milliseconds per megapixel for the picture as it is."""
    return median(result["read"][0]["identity"]["ms"] / result["megapixels"] for result in results)


def comparison(columns):
    """One table: `columns` maps the name of a tool to its results on the pictures of one set."""
    results = list(columns.values())
    rows = [line("", columns), "|---" * (len(columns) + 1) + "|"]
    rows.append(line("pictures", [str(len(each)) for each in results]))
    rows.append(line("SSIMULACRA2 median / worst", [
        pair([result["ssimulacra2"] for result in each], min, 1) for each in results]))
    rows.append(line("butteraugli 3-norm median / worst", [
        pair([result["butteraugli"] for result in each], max, 2) for each in results]))
    rows.append(line(f"**mean of {len(COUNTED)} attacks**", [f"**{recovered(each, COUNTED)}**" for each in results]))
    for title, names in GROUPS.items():
        rows.append(line(title, [recovered(each, names) for each in results]))
    names = list(dict.fromkeys(name for each in results for name in each[0]["read"][0]))
    for name in names:
        rows.append(line(name, [recovered(each, [name]) for each in results]))
    rows.append(line("wrong payloads", [f"{wrong(each)} of {len(each) * len(each[0]['read'][0])}" for each in results]))
    rows.append(line("unmarked originals answered", [
        f"{sum(result['unmarked']['answered'] for result in each)} of {len(each)}" for each in results]))
    rows.append(line("embed, CPU ms/Mpx, strength solved where the tool does", [
        f"{speed(each):.0f}" for each in results]))
    rows.append(line("embed with a known gain, Mpx/s", [
        f"{known_speed(each):.1f}" for each in results]))
    rows.append(line("extract, CPU ms an image, as it is", [milliseconds(each, ["identity"]) for each in results]))
    rows.append(line("extract, turned by 5°", [milliseconds(each, ["rot5"]) for each in results]))
    rows.append(line("extract, unmarked: everything is tried", [
        f"{median(result['unmarked']['ms'] for result in each):.0f}" for each in results]))
    return "\n".join(rows)


def both(results):
    """Two marks in one picture: `read` has one entry for each, in the order in which they were made."""
    rows = ["| | first mark | second mark |", "|---|---|---|"]
    rows.append(line("pictures", [str(len(results))] * 2))
    rows.append(line("SSIMULACRA2 of both together, median / worst", [
        pair([result["ssimulacra2"] for result in results], min, 1)] * 2))
    rows.append(line(f"**mean of {len(COUNTED)} attacks**", [recovered(results, COUNTED, which) for which in (0, 1)]))
    for title, names in GROUPS.items():
        rows.append(line(title, [recovered(results, names, which) for which in (0, 1)]))
    rows.append(line("wrong payloads", [
        str(sum(answer["wrong"] for result in results for answer in result["read"][which].values()))
        for which in (0, 1)]))
    return "\n".join(rows)


def failures(results, which=0):
    """Which pictures were not read after which attacks."""
    lines = []
    for result in results:
        missed = [name for name, answer in result["read"][which].items() if not answer["right"]]
        lines.append(
            f"  {result['picture'][:34]:34} {result['ssimulacra2']:5.1f} {result['butteraugli']:5.2f}  {' '.join(missed)}")
    return "\n".join(lines)
