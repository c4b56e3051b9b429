package mesh.reading.spelling_test

import rego.v1

import data.mesh.reading.spelling

test_letters_become_small if {
	every text, small in {"Price": "price", "ÄÖ": "äö", "ΟΔΟΣ": "οδοσ", "οδος": "οδοσ", "PRİCE": "price", "": ""} {
		spelling.small(text) == small
	}
}

test_a_missing_text_or_one_of_the_wrong_type_is_the_callers_matter if {
	texts := {spelling.small(text) | some text in [null, 7, "A"]; is_string(text)}
	texts == {"a"}
}
