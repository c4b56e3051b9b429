"""A made-up mesh of thirty products, and what people who look for data in it expect to find.

Every judged query lists all products that answer it; `PRECISION` and `RECALL` are asserted over the first ten hits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from found_out import judge, score
from remembered import ANNA, accept, identity, output, product

from catalog.database import Database
from catalog.standings import State
from engine.model import Descriptor


class Made(NamedTuple):
    """One product: `ports` maps the names of output ports to their columns, each `path` or `path:tag`."""

    name: str
    domain: str
    description: str
    owner: str
    ports: Mapping[str, str]
    tags: Sequence[str] = ()
    display_name: str = ""
    version: str = "1.0.0"
    platform: str = "aws:s3"


MESH = (
    Made("customers", "customer", "Every person or firm that bought.", "crm@shop.example",
         {"profile": "customer_id mail:pii birth_date:pii address.city address.zip"}, ["gold", "pii"], "All customers"),
    Made("customerConsents", "customer", "Who agreed to be written to, and when.", "privacy@shop.example",
         {"consents": "customer_id purpose granted_at"}, ["pii", "gdpr"]),
    Made("customer_segments", "customer", "Groups of buyers for campaigns.", "crm@shop.example",
         {"segments": "segment_id customer_id score"}, ["marketing"], platform="onprem:postgresql"),
    Made("churnScores", "customer", "How likely each customer leaves within three months.", "data-science@shop.example",
         {"scores": "customer_id churn_probability model_version"}, ["ml", "gold"]),
    Made("loyalty", "customer", "Points and levels of the bonus card.", "crm@shop.example",
         {"balances": "card_number customer_id points"}, [], "Bonus card"),
    Made("orders", "sales", "What was ordered in the web shop and in branches.", "sales@shop.example",
         {"placed": "order_id customer_id lines[].sku lines[].quantity", "events": "order_id event_type"}, ["gold"],
         version="2.3.0"),
    Made("orderReturns", "sales", "Parcels that came back, with reasons.", "sales@shop.example",
         {"returns": "order_id sku reason"}, [], "Returned goods"),
    Made("webshopClicks", "sales", "Clickstream of the web shop, sessions of twenty minutes.", "web@shop.example",
         {"sessions": "session_id ip_address:pii user_agent"}, ["raw"], platform="azure:kafka"),
    Made("baskets", "sales", "Baskets that were filled but never paid.", "web@shop.example",
         {"abandoned": "session_id sku"}, ["raw"], platform="azure:kafka"),
    Made("salesForecast", "sales", "Expected turnover per week and branch.", "data-science@shop.example",
         {"forecast": "week branch_id expected_revenue"}, ["ml"], "Forecast of sales"),
    Made("priceList", "sales", "Prices of articles by region, valid from and to.", "pricing@shop.example",
         {"prices": "sku region price valid_from"}, ["master data"], platform="onprem:postgresql"),
    Made("invoices", "finance", "Invoices that were sent, with value added tax.", "accounting@shop.example",
         {"issued": "invoice_id order_id net_amount vat_amount"}, ["gold", "audited"]),
    Made("payments", "finance", "Incoming payments by card, transfer and cash.", "accounting@shop.example",
         {"received": "payment_id invoice_id iban:pii amount"}, ["audited"]),
    Made("dunning", "finance", "Reminders for overdue invoices.", "accounting@shop.example",
         {"reminders": "invoice_id level sent_at"}),
    Made("generalLedger", "finance", "Postings of the ledger, closed monthly.", "controlling@shop.example",
         {"postings": "account cost_center amount booked"}, ["audited"], "GL postings", platform="onprem:postgresql"),
    Made("budget", "finance", "Planned costs by cost center.", "controlling@shop.example",
         {"plan": "cost_center year amount"}),
    Made("revenue", "finance", "Turnover by month, branch and article group.", "controlling@shop.example",
         {"monthly": "month branch_id article_group amount"}, ["gold"]),
    Made("shipments", "logistics", "Parcels on their way, with every scan.", "fleet@shop.example",
         {"events": "shipment_id order_id scanned_at", "late": "shipment_id delay_minutes"}),
    Made("tripExecution", "logistics", "Trips of trucks as they were driven.", "fleet@shop.example",
         {"trips": "trip_id truck_id started_at"}, ["telematics"], platform="azure:kafka"),
    Made("tripPlanning", "logistics", "Trips of trucks as they were planned.", "fleet@shop.example",
         {"plans": "trip_id truck_id planned_start"}, version="1.4.0"),
    Made("warehouseStock", "logistics", "Articles on hand in every warehouse at midnight.", "warehouse@shop.example",
         {"stock": "warehouse_id sku on_hand"}, ["gold"], platform="onprem:postgresql"),
    Made("suppliers", "procurement", "Firms that we buy from.", "buying@shop.example",
         {"suppliers": "supplier_id name country iban:pii"}, ["master data"]),
    Made("purchaseOrders", "procurement", "Orders that we send to suppliers.", "buying@shop.example",
         {"sent": "purchase_order_id supplier_id sku quantity"}, version="3.0.1"),
    Made("supplierRatings", "procurement", "Marks for punctuality and quality of suppliers.", "buying@shop.example",
         {"ratings": "supplier_id mark rated_on"}, ["draft"], version="0.9.0"),
    Made("articles", "procurement", "Master data of every article that we sell.", "catalog@shop.example",
         {"articles": "sku ean title weight_grams"}, ["master data", "gold"], "Article master"),
    Made("employees", "people", "Everybody who works here, without salaries.", "hr@shop.example",
         {"staff": "employee_id full_name:pii branch_id"}, ["pii", "restricted"]),
    Made("absences", "people", "Days of illness and holiday, per team.", "hr@shop.example",
         {"days": "team day kind"}, ["restricted"]),
    Made("branches", "people", "Opening hours and addresses of our branches.", "hr@shop.example",
         {"branches": "branch_id address.city address.zip opens_at"}, ["master data"], "Filialen & Öffnungszeiten"),
    Made("serviceTickets", "service", "Complaints and questions of customers by phone.", "help@shop.example",
         {"tickets": "ticket_id customer_id subject"}, ["c++ export"], platform="onprem:postgresql"),
    Made("energyMeters", "energy", "Readings of power meters every quarter of an hour.", "facility@shop.example",
         {"readings": "meter_id kwh read_at"}, ["telematics"], "Zähler der Filialen"),
)  # fmt: skip

#: these are deprecated after they were accepted
DEPRECATED = ("baskets", "budget")

#: how far they may be trusted, by which grade; the formula gave `dunning` none, and nobody scored the rest
SCORES: dict[str, tuple[float | None, str]] = {
    "customers": (0.97, "A"),
    "orders": (0.9, "A"),
    "invoices": (0.9, "a"),
    "payments": (0.75, "B"),
    "shipments": (0.5, "C"),
    "baskets": (0.0, "F"),
    "dunning": (None, ""),
}
#: how they stand by the policies of now; all others by those that accepted them
STATES = {
    "baskets": State.NON_COMPLIANT,
    "employees": State.NON_COMPLIANT,
    "energyMeters": State.UNDECIDED,
    "orders": State.COMPLIANT,
}

CLIENTS = ["customers", "customerConsents", "customer_segments", "churnScores", "orders", "serviceTickets", "loyalty"]

JUDGED: dict[str, list[str]] = {
    # by name, however it is written
    "orders": ["orders", "purchaseOrders"],
    "tripExecution": ["tripExecution"],
    "trip_execution": ["tripExecution"],
    "trip execution": ["tripExecution"],
    "trip": ["tripExecution", "tripPlanning"],
    "execution": ["tripExecution"],
    "plan": ["tripPlanning", "budget"],
    "general ledger": ["generalLedger"],
    "GL postings": ["generalLedger"],
    "bonus card": ["loyalty"],
    "Article master": ["articles"],
    "urn:dpds:org.example:dataproducts:invoices:1": ["invoices"],
    "urn:org.example:dataproducts:orders:2.3.0": ["orders"],
    "purchase": ["purchaseOrders"],
    "filialen": ["branches", "energyMeters"],
    "offnungszeiten": ["branches"],
    "ÖFFNUNGSZEITEN": ["branches"],
    # by what is in it
    "customer": [*CLIENTS],
    "customer_id": [*CLIENTS],
    "churn probability": ["churnScores"],
    "sku": ["orders", "orderReturns", "baskets", "priceList", "warehouseStock", "purchaseOrders", "articles"],
    "iban": ["payments", "suppliers"],
    "address city": ["customers", "branches"],
    "zip": ["customers", "branches"],
    "cost_center": ["generalLedger", "budget"],
    "vat amount": ["invoices"],
    "kwh": ["energyMeters"],
    "birthDate": ["customers"],
    "trucks": ["tripExecution", "tripPlanning"],
    "web shop": ["orders", "webshopClicks"],
    "turnover": ["salesForecast", "revenue"],
    "overdue invoices": ["dunning"],
    "parcels": ["orderReturns", "shipments"],
    "illness": ["absences"],
    # by who has it
    "logistics": ["shipments", "tripExecution", "tripPlanning", "warehouseStock"],
    "accounting@shop.example": ["invoices", "payments", "dunning"],
    "telematics": ["tripExecution", "energyMeters"],
    "c++ export": ["serviceTickets"],
    # one line with filters
    "domain:logistics": ["shipments", "tripExecution", "tripPlanning", "warehouseStock"],
    "trip -planned": ["tripExecution"],
    "domain:sales -status:deprecated": ["orders", "orderReturns", "webshopClicks", "salesForecast", "priceList"],
    "tag:pii": ["customers", "customerConsents", "employees"],
    "has:pii": ["customers", "customerConsents", "employees", "webshopClicks", "payments", "suppliers"],
    "has:pii -domain:customer": ["employees", "webshopClicks", "payments", "suppliers"],
    'tag:"master data" platform:aws:s3': ["suppliers", "articles", "branches"],
    '"trips of trucks"': ["tripExecution", "tripPlanning"],
    '"trucks of trips"': [],
    '"by cost center"': ["budget"],
    "version:>=2.0.0": ["orders", "purchaseOrders"],
    "version:<1.0.0": ["supplierRatings"],
    "owner:hr@shop.example": ["employees", "absences", "branches"],
    "column:sku domain:sales": ["orders", "orderReturns", "baskets", "priceList"],
    "column:cust*  domain:customer": ["customers", "customerConsents", "customer_segments", "churnScores", "loyalty"],
    "port:events": ["orders", "shipments"],
    "platform:azure:kafka": ["webshopClicks", "baskets", "tripExecution"],
    "name:trip*": ["tripExecution", "tripPlanning"],
    "status:deprecated": ["baskets", "budget"],
    "domain:sales,finance tag:gold": ["orders", "invoices", "revenue"],
    "invoices domain:nowhere": [],
    # by what was found out
    "trust:>0.75": ["customers", "orders", "invoices"],
    "trust:>=0.75 domain:finance": ["invoices", "payments"],
    "trust:<0.5": ["baskets"],
    "trust:0.5": ["shipments"],
    "grade:a -domain:sales": ["customers", "invoices"],
    "domain:finance -trust:>=0": ["dunning", "generalLedger", "budget", "revenue"],
    "compliance:non_compliant": ["baskets", "employees"],
    "compliance:undecided,non-compliant -status:deprecated": ["employees", "energyMeters"],
    "compliance:compliant domain:people": ["absences", "branches"],
    "trust:>0.8 -status:deprecated has:pii": ["customers"],
    "orders updated:>=2026-11-23": ["orders", "purchaseOrders"],
    "orders updated:<2026-11-23": [],
}

#: what is typed wrongly, and the words that were meant
TYPOS: dict[str, str] = {
    "custmers": "customers",
    "customres": "customers",
    "cusomer consents": "customer consents",
    "inovices": "invoices",
    "invoicse": "invoices",
    "paymnets": "payments",
    "shipmets": "shipments",
    "shippments": "shipments",
    "wharehouse": "warehouse",
    "ledgre": "ledger",
    "supliers": "suppliers",
    "suppliers raitings": "suppliers ratings",
    "telmatics": "telematics",
    "articels": "articles",
    "foercast": "forecast",
    "probabilty": "probability",
    "employes": "employees",
    "loyality": "loyalty",
    "trucs": "trucks",
    "ytrips": "trips",
    "kwhh": "kwh",
    "dunnnig": "dunning",
}


def stored(database: Database) -> None:
    """Put the mesh into a catalog, with what was found out about it."""
    for descriptor in descriptors():
        accept(database, descriptor)
    known = {one.name: identity(one.name, one.version, domain=one.domain) for one in MESH}
    with database.work(ANNA) as work:
        for name in DEPRECATED:
            work.versions.set_status(known[name], "deprecated")
        work.commit()
    score(database, {known[name]: told for name, told in SCORES.items()})
    judge(database, {known[name]: state for name, state in STATES.items()})


def descriptors() -> list[Descriptor]:
    return [described(one) for one in MESH]


def described(one: Made) -> Descriptor:
    """The descriptor of a made-up product, with a definition behind each of its ports."""
    about = identity(one.name, one.version, domain=one.domain)
    info = {"displayName": one.display_name, "description": one.description, "owner": {"id": one.owner}}
    changes = {"platform": one.platform, "api_specification": "datastoreapi"}
    ports = [output(about, name, **changes) for name in one.ports]
    columns = {name: [column(told) for told in listed.split()] for name, listed in one.ports.items()}
    return product(one.name, one.version, domain=one.domain, outputs=ports, tags=one.tags, info=info, columns=columns)


def column(told: str) -> dict[str, Any]:
    path, _, tag = told.partition(":")
    return {"name": path, "type": "string", "tags": [tag] if tag else []}
