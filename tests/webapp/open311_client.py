"""A client of Open311 GeoReport v2, written from its published specification and from nothing else of this project.

It knows the resources, the attributes that each answer must have with their types, in JSON and in XML, and the error
shape; whatever deviates fails with the name of the attribute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from flask.testing import FlaskClient

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
SERVICE = {"service_code": "text", "service_name": "text", "description": "text?", "metadata": "boolean",
           "type": "realtime|batch|blackbox", "keywords": "text?", "group": "text?"}  # fmt: skip
ATTRIBUTE = {"variable": "boolean", "code": "text",
             "datatype": "string|number|datetime|text|singlevaluelist|multivaluelist",
             "required": "boolean", "datatype_description": "text?", "order": "number", "description": "text",
             "values": "list"}  # fmt: skip
REQUEST = {"service_request_id": "text", "status": "open|closed", "status_notes": "text?", "service_name": "text",
           "service_code": "text", "description": "text?", "agency_responsible": "text?", "service_notice": "text?",
           "requested_datetime": "datetime", "updated_datetime": "datetime?", "expected_datetime": "datetime?",
           "address": "text?", "address_id": "text?", "zipcode": "text?", "lat": "number", "long": "number",
           "media_url": "text?"}  # fmt: skip
CREATED = {"service_request_id": "text", "service_notice": "text?", "account_id": "text?"}
ERROR = {"code": "number", "description": "text"}


@dataclass
class Refused(Exception):
    """An error answer: the status of the response, and the errors that it lists."""

    status: int
    errors: list[dict[str, Any]]


@dataclass
class Client:
    """The resources of an endpoint, asked in one of the two formats."""

    http: FlaskClient
    key: str
    form: str = "json"
    base: str = "/open311/v2"

    def services(self) -> list[dict[str, Any]]:
        return checked(self.get("services", "services", "service"), SERVICE)

    def definition(self, code: str) -> dict[str, Any]:
        found = self.ask(f"{self.base}/services/{code}.{self.form}")
        told = found.get_json() if self.form == "json" else of_definition(ElementTree.fromstring(found.data))
        assert told["service_code"] == code
        told["attributes"] = checked(told["attributes"], ATTRIBUTE)
        return told

    def post(self, **fields: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.base}/requests.{self.form}", data={"api_key": self.key, **fields})
        (made,) = checked(self.rows(answer, "service_requests", "request"), CREATED)
        return made

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        return checked(self.get("requests", "service_requests", "request", **filters), REQUEST)

    def request(self, number: str) -> dict[str, Any]:
        (found,) = checked(self.get(f"requests/{number}", "service_requests", "request"), REQUEST)
        return found

    def token(self, token: str) -> str:
        (found,) = self.get(f"tokens/{token}", "service_requests", "request")
        assert found["token"] == token
        return str(found["service_request_id"])

    def get(self, path: str, root: str, item: str, **args: str) -> list[dict[str, Any]]:
        return self.rows(self.ask(f"{self.base}/{path}.{self.form}", **args), root, item)

    def ask(self, path: str, **args: str) -> Any:
        answer = self.http.get(path, query_string={"api_key": self.key, **args})
        if answer.status_code >= 400:
            raise refused(answer)
        return answer

    def rows(self, answer: Any, root: str, item: str) -> list[dict[str, Any]]:
        if answer.status_code >= 400:
            raise refused(answer)
        return rows(answer, root, item)


def rows(answer: Any, root: str, item: str) -> list[dict[str, Any]]:
    """Return the objects of an answer in either format; texts of XML that are empty are None."""
    if answer.mimetype == "application/json":
        found = answer.get_json()
        assert isinstance(found, list), "the specification answers with a list"
        return found
    assert answer.mimetype == "text/xml"
    assert "utf-8" in answer.content_type
    tree = ElementTree.fromstring(answer.data)
    assert tree.tag == root
    assert all(child.tag == item for child in tree)
    return [{part.tag: part.text for part in child} for child in tree]


def refused(answer: Any) -> Refused:
    errors = checked(rows(answer, "errors", "error"), ERROR)
    assert errors
    assert int(errors[0]["code"]) == answer.status_code
    return Refused(answer.status_code, errors)


def of_definition(tree: ElementTree.Element) -> dict[str, Any]:
    assert tree.tag == "service_definition"
    listed = tree.find("attributes")
    assert listed is not None
    attributes = []
    for each in listed:
        assert each.tag == "attribute"
        told: dict[str, Any] = {part.tag: part.text for part in each if part.tag != "values"}
        values = each.find("values")
        assert values is not None
        told["values"] = [{part.tag: part.text for part in value} for value in values]
        attributes.append(told)
    return {"service_code": tree.findtext("service_code"), "attributes": attributes}


def checked(found: list[dict[str, Any]], wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Return the objects when each has every attribute of the specification in its type, and no other."""
    for each in found:
        assert set(each) == set(wanted), f"attributes differ: {set(each) ^ set(wanted)}"
        for name, kind in wanted.items():
            assert fits(each[name], kind), f"{name}={each[name]!r} is no {kind}"
    return found


def fits(value: Any, kind: str) -> bool:
    if value is None:
        return kind.endswith("?")
    kind = kind.rstrip("?")
    if kind == "text":
        return isinstance(value, str)
    if kind == "list":
        return isinstance(value, list)
    if kind == "boolean":
        return value in (True, False, "true", "false")
    if kind == "number":
        return not isinstance(value, bool) and str(float(value)) != "nan"
    if kind == "datetime":
        return bool(DATE_TIME.fullmatch(value))
    return value in kind.split("|")
