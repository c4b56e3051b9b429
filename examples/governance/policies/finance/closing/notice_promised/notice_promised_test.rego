package finance.closing.notice_promised_test

import rego.v1

import data.finance.closing.notice_promised

product(domain, policy) := {
	"info": {"domain": domain},
	"interfaceComponents": {"outputPorts": [{"tags": ["accounting"], "promises": {"deprecationPolicy": policy}}]},
}

missing := {
	"code": "notice_missing",
	"msg": "This accounting port does not promise how long it stays after the next major version.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "deprecationPolicy", "definition", "notice"],
}

test_a_notice_period_passes if {
	notice_promised.violation == set() with input as product("finance", {"definition": {"notice": "P12M"}})
}

test_other_domains_are_not_asked if {
	notice_promised.violation == set() with input as product("sales", {})
}

test_another_form_of_period_fails if {
	notice_promised.violation == {missing} with input as product("finance", {"definition": {"notice": "a year"}})
}

test_a_missing_period_fails if {
	notice_promised.violation == {missing} with input as product("finance", {"definition": {}})
}

test_wrong_types_fail if {
	every policy in [null, "P12M", {"definition": "P12M"}, {"definition": {"notice": 12}}] {
		notice_promised.violation == {missing} with input as product("finance", policy)
	}
}
