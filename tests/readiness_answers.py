"""Invented answers in the shape of Sotkanet's and PxWeb's, and a loopback server that gives them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from monitor.readiness.sotkanet import region_table
from tests.loopback import Loopback

CODES = tuple(dict.fromkeys(code for code in region_table().values() if code != "91"))
NEW = {code: id_ for id_, code in region_table().items() if id_ > 900}
OLD = {code: id_ for id_, code in region_table().items() if id_ < 900}
OTHERS = (658, 231, 402)  # the whole country and municipalities


def sotkanet_rows(
    year: int,
    values: Mapping[str, float | None],
    ids: Mapping[str, int] = NEW,
    indicator: int = 9001,
) -> list[dict[str, Any]]:
    """Rows of the interface of today: counties, and areas that are none of them."""
    places: list[tuple[int, float | None]] = [(ids[code], value) for code, value in values.items()]
    places += [(id_, 50.0 + i) for i, id_ in enumerate(OTHERS)]
    return [
        {"indicator": indicator, "region": id_, "year": year, "gender": "total", "value": value}
        for id_, value in places
    ]


def about(title: str = "Keksitty osuus, %", value_type: str = "PROS") -> dict[str, Any]:
    return {
        "id": 9001,
        "title": {"fi": title, "sv": "Påhittad andel, %", "en": "Invented share, %"},
        "primaryValueType": {"code": value_type},
        "range": {"start": 2019, "end": 2025},
    }


def sotkanet_regions(extra: Sequence[tuple[int, str]] = ()) -> list[dict[str, Any]]:
    rows = [(id_, "HYVINVOINTIALUE", f"alue {code}") for code, id_ in NEW.items()]
    rows += [(658, "MAA", "Koko maa"), (231, "KUNTA", "Keksittylä")]
    rows += [(id_, "HYVINVOINTIALUE", name) for id_, name in extra]
    return [{"id": id_, "category": kind, "title": {"fi": name}} for id_, kind, name in rows]


# Counties in tables: Finnish as before June 2026, Swedish as since.
FI = {"07": "Kanta-Hämeen hyvinvointialue", "17": "Pohjanmaan hyvinvointialue", "90": "Helsinki"}
SV = {"07": "Egentliga Tavastlands välfärdsområde", "17": "Österbottens välfärdsområde"}


def pxweb_old() -> dict[str, Any]:
    """A table whose variables are called by their names."""
    codes = ["SSS", *(f"HVA{code}" for code in FI), "MK16", "KU905"]
    texts = ["KOKO MAA", *FI.values(), "Keski-Pohjanmaa", "Vaasa"]
    return {
        "title": "Keksitty taulu muuttujina Alue, Vuosi, Sukupuoli ja Tiedot",
        "variables": [
            {"code": "Alue", "text": "Alue", "values": codes, "valueTexts": texts},
            _years("Vuosi", "Vuosi"),
            _plain("Sukupuoli", "Sukupuoli", {"SSS": "Yhteensä", "1": "Miehet", "2": "Naiset"}),
            _plain("Tiedot", "Tiedot", {"osuus": "Osuus, %", "maara": "Määrä"}),
        ],
    }


def pxweb_new() -> dict[str, Any]:
    """The same table by codes, in Swedish."""
    areas = {"SSS": "HELA LANDET", **{f"HVA{code}": name for code, name in SV.items()}}
    contents = {"kek-osuus": "Andel, %", "kek-maara": "Antal"}
    return {
        "title": "En påhittad tabell",
        "variables": [
            _plain("alue_23_20260101", "Område", areas),
            _years("timeperiod_y", "År"),
            _plain("sukupuoli_9_20180101", "Kön", {"SSS": "Totalt", "1": "Män"}),
            _plain("contentscode", "Uppgifter", contents),
        ],
    }


def _plain(code: str, text: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": code, "text": text, "values": list(values), "valueTexts": list(values.values()),
    }  # fmt: skip


def _years(code: str, text: str) -> dict[str, Any]:
    years = ["2023", "2024", "2025"]
    return {"code": code, "text": text, "values": years, "valueTexts": years, "time": True}


def answer_to(table: Mapping[str, Any], query: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The JSON-stat 2.0 that PxWeb makes of a query; values count up from 10."""
    asked = {part["code"]: part["selection"]["values"] for part in query["query"]}
    texts = {
        v["code"]: dict(zip(v["values"], v["valueTexts"], strict=True)) for v in table["variables"]
    }
    names = {v["code"]: v["text"] for v in table["variables"]}
    sizes = [len(values) for values in asked.values()]
    cells = 1
    for size in sizes:
        cells *= size
    return {
        "version": "2.0", "class": "dataset", "label": table["title"], "source": "keksitty",
        "id": list(asked), "size": sizes,
        "dimension": {
            code: {
                "label": names[code],
                "category": {
                    "index": {value: i for i, value in enumerate(values)},
                    "label": {value: texts[code][value] for value in values},
                },
            }
            for code, values in asked.items()
        },
        "value": [10.0 + i for i in range(cells)],
        **more,
    }  # fmt: skip


def serve_sotkanet(server: Loopback, rows: object, **more: object) -> None:
    """Answer as Sotkanet does: rows, the indicator, the regions. `rows` may be bytes."""
    given = {
        "/rest/1.1/json": rows,
        "/rest/1.1/indicators/9001": more.get("about", about()),
        "/rest/1.1/regions": more.get("regions", sotkanet_regions()),
    }
    for path, body in given.items():
        server.pages[path] = _constant(body)


def _constant(body: object) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: web.Response(body=data, content_type="application/json")


def serve_pxweb(server: Loopback, path: str, table: Mapping[str, Any], **more: Any) -> None:
    """Answer as PxWeb does: GET gives the metadata, POST what was asked for in the table's codes."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response(dict(table))
        query = await request.json()
        codes = {v["code"]: v["values"] for v in table["variables"]}
        for part in query["query"]:
            if not set(part["selection"]["values"]) <= set(codes.get(part["code"], ())):
                return web.Response(status=400)
        return web.json_response(answer_to(table, query, **more))

    server.pages[path] = answer
