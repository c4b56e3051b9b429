"""Which columns do the ports of a descriptor promise (DESIGN §3.2)?"""

from engine.descriptor.contracts.port_schemas import port_schemas, schemas_of

__all__ = ["port_schemas", "schemas_of"]
