package system.log_test

import data.system.log
import rego.v1

owned := {"info": {"owner": {"id": "jo@example.org", "name": "Jo"}, "contactPoints": [{"name": "Jo"}]}}

test_owners_and_contacts_are_hidden if {
	log.mask == {
		"/input/info/owner/id",
		"/input/info/owner/name",
		{"op": "upsert", "path": "/input/info/contactPoints", "value": []},
	} with input as {"input": owned, "result": {"decision": {"findings": []}}}
}

test_those_of_the_previous_version_are_hidden_too if {
	"/input/_context/previous/info/owner/id" in log.mask with input as {"input": {"_context": {"previous": owned}}}
}

test_a_finding_that_names_an_owner_is_hidden if {
	findings := [{"msg": "the owner jo@example.org is no team"}, {"msg": "no description"}]
	hidden := {rule.path | some rule in log.mask; rule.op == "upsert"} with input as {
		"input": owned,
		"result": {"decision": {"findings": findings}},
	}
	hidden == {"/input/info/contactPoints", "/result/decision/findings/0/msg"}
}

test_an_unreadable_document_hides_nothing if {
	log.mask == set() with input as {"input": null, "result": {"decision": {"findings": []}}}
}
