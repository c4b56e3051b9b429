package mesh.contracts.output_ports_specified_test

import rego.v1

import data.mesh.contracts.output_ports_specified

ports(list) := {"interfaceComponents": {"outputPorts": list}}

api(api) := ports([{"name": "orders", "promises": {"api": api}}])

no_list := {
	"code": "output_ports_missing",
	"msg": "The output ports have to be a list.",
	"path": ["interfaceComponents", "outputPorts"],
}

no_contract := {
	"code": "contract_missing",
	"msg": "This output port promises no API.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api"],
}

no_specification := {
	"code": "specification_missing",
	"msg": "The API of this output port names no specification.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "specification"],
}

no_definition := {
	"code": "definition_missing",
	"msg": "The API of this output port has no definition.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition"],
}

test_a_specified_port_passes if {
	every definition in [{"schema": {}}, "syntax = 'proto3';"] {
		given := api({"specification": "custom", "definition": definition})
		output_ports_specified.violation == set() with input as given
	}
}

test_a_product_without_output_ports_passes if {
	output_ports_specified.violation == set() with input as ports([])
}

test_a_port_without_an_api_fails if {
	output_ports_specified.violation == {no_contract} with input as ports([{"promises": {"platform": "aws"}}])
}

test_missing_fields_fail if {
	output_ports_specified.violation == {no_specification, no_definition} with input as api({"name": "orders"})
}

test_a_missing_list_fails if {
	output_ports_specified.violation == {no_list} with input as {"info": {}}
}

test_wrong_types_fail if {
	output_ports_specified.violation == {no_list} with input as ports("orders")
	output_ports_specified.violation == {no_list} with input as {"interfaceComponents": null}
	output_ports_specified.violation == {no_contract} with input as ports([null])
	output_ports_specified.violation == {no_contract} with input as api("openapi")
	given := api({"specification": ["openapi"], "definition": 7})
	output_ports_specified.violation == {no_specification, no_definition} with input as given
}

test_blank_content_fails if {
	given := api({"specification": " ", "definition": {}})
	output_ports_specified.violation == {no_specification, no_definition} with input as given
}
