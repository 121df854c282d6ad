import Testing

@testable import TFDefinition

/// What can be wrong in the elements of a form.
@Suite struct FormMistakesTests {
    private static let mistakes = Mistake.list(
        #"""
        - { type: inptu, attributes: { label: L } }
        > 1:11: error: "type" cannot be "inptu"; it is one of markdown, section, input, textarea, email, url, tel, number, date, time, datetime, dropdown, radio, checkboxes, checkbox, user, upload; did you mean "input"?

        - { attributes: { label: L } }
        > 1:3: error: an element needs "type"

        - just text
        > 1:3: error: an element must be a mapping, not "just text"

        - { type: input }
        > 1:3: error: an input element needs "attributes"

        - { type: input, attributes: }
        > 1:18: warning: "attributes" has no value and no effect
        > 1:18: error: an input element needs "attributes"

        - { type: input, attributes: {} }
        > 1:30: error: an input element needs "label"

        - { type: input, atributes: { label: L } }
        > 1:18: error: unknown key "atributes"; did you mean "attributes"?

        - { type: input, attributes: { label: L, optoins: [a] } }
        > 1:42: error: unknown key "optoins"; "attributes" of an input element has label, description, placeholder, value

        - { type: input, attributes: { label: '' } }
        > 1:39: error: "label" must not be empty

        - { type: markdown, attributes: { value: hi } }
        > 1:1: error: "body" must hold a field, not only markdown

        - { type: markdown, attributes: { label: hi } }
        - { type: input, id: a, attributes: { label: A } }
        > 1:33: error: a markdown element needs "value"
        > 1:35: error: unknown key "label"; "attributes" of a markdown element has value

        - { type: markdown, id: m, attributes: { value: hi } }
        - { type: input, id: a, attributes: { label: A } }
        > 1:21: warning: a markdown element has no "id"

        - { type: input, id: a, attributes: { label: A } }
        - { type: input, id: b, attributes: { label: A } }
        > 2:46: error: the label "A" stands twice in this form

        - { type: input, id: a, attributes: { label: A } }
        - { type: input, id: a, attributes: { label: B } }
        > 2:22: error: the id "a" stands twice in this form

        - { type: input, id: a b, attributes: { label: B } }
        > 1:22: error: "id" may hold letters, digits, - and _ only

        - { type: input, attributes: { label: A b } }
        - { type: input, attributes: { label: A-b } }
        > 2:39: error: the id "a_b" stands twice in this form; write an "id" beside this label

        - { type: input, attributes: { label: 申請 } }
        - { type: input, attributes: { label: 申请 } }
        > 2:39: error: the id "shen_qing" stands twice in this form; write an "id" beside this label

        - { type: input, attributes: { label: L }, validations: { requierd: true } }
        > 1:59: error: unknown key "requierd"; did you mean "required"?

        - { type: input, attributes: { label: L }, validations: { required: sure } }
        > 1:69: error: "required" must be true or false, not "sure"

        - { type: input, attributes: { label: L }, validations: { required_for: [done] } }
        > 1:74: error: "required_for" belongs in task forms

        - { type: input, attributes: { label: L }, validations: { min_length: -1, max_length: many } }
        > 1:71: error: "min_length" must be a whole number from 0, not "-1"
        > 1:87: error: "max_length" must be a whole number from 0, not "many"

        - { type: input, attributes: { label: L }, validations: { min_length: 9, max_length: 3 } }
        > 1:71: error: "min_length" is above "max_length"

        - { type: input, attributes: { label: L }, validations: { pattern: '[a-' } }
        > 1:68: error: "pattern" is not a pattern of RE2: missing ]: [a-

        - { type: input, attributes: { label: L }, validations: { pattern: '(?=a)b' } }
        > 1:68: error: "pattern" is not a pattern of RE2: invalid perl operator: (?=

        - { type: input, attributes: { label: L }, validations: { pattern_message: no } }
        > 1:59: error: "pattern_message" needs "pattern"

        - { type: textarea, attributes: { label: L, render: klingon } }
        > 1:53: warning: "render" names the unknown language "klingon"; the answer is shown as plain text

        - { type: number, attributes: { label: L, value: many } }
        > 1:50: error: "value" must be a number, not "many"

        - { type: number, attributes: { label: L, step: 0 } }
        > 1:49: error: "step" must be above 0

        - { type: number, attributes: { label: L }, validations: { min: 5, max: 1 } }
        > 1:65: error: "min" is above "max"

        - { type: number, attributes: { label: L, value: 7 }, validations: { max: 3 } }
        > 1:50: warning: "value" is above "max" and cannot be sent as it stands

        - { type: number, attributes: { label: L, value: 7 }, validations: { min: 8, max: 9 } }
        > 1:50: warning: "value" is below "min" and cannot be sent as it stands

        - { type: number, attributes: { label: L, value: 7 }, validations: { min: 7, max: 7 } }

        - { type: number, attributes: { label: L }, validations: { min: low } }
        > 1:65: error: "min" must be a number, not "low"

        - { type: date, attributes: { label: L, value: tomorrow } }
        > 1:48: error: "value" must be a date such as 2026-11-22, today or today+3d, not "tomorrow"

        - { type: date, attributes: { label: L }, validations: { not_before: yesterday } }
        > 1:70: error: "not_before" must be a date, today or today+3d, not "yesterday"

        - { type: date, attributes: { label: L }, validations: { not_after: 2026-02-30 } }
        > 1:69: error: "not_after" must be a date, today or today+3d, not "2026-02-30"

        - { type: date, attributes: { label: L }, validations: { not_before: 2026-05-01, not_after: 2026-01-01 } }
        > 1:70: error: "not_before" is later than "not_after"

        - { type: date, attributes: { label: L }, validations: { not_before: today+3d, not_after: today } }
        > 1:70: error: "not_before" is later than "not_after"

        - { type: datetime, attributes: { label: L }, validations: { not_before: today, not_after: today-1d } }
        > 1:74: error: "not_before" is later than "not_after"

        - { type: date, attributes: { label: L }, validations: { not_before: today, not_after: 2026-01-01 } }

        - { type: time, attributes: { label: L }, validations: { not_before: 17:00, not_after: 09:00 } }
        > 1:70: error: "not_before" is later than "not_after"

        - { type: time, attributes: { label: L, value: noon } }
        > 1:48: error: "value" must be a time of the day such as 09:30, or now, not "noon"

        - { type: time, attributes: { label: L }, validations: { not_before: 25:00 } }
        > 1:70: error: "not_before" must be a time of the day such as 09:30, not "25:00"

        - { type: datetime, attributes: { label: L, value: noon } }
        > 1:52: error: "value" must be a date and time such as 2026-11-22T09:30, or now, not "noon"

        - { type: datetime, attributes: { label: L }, validations: { not_before: now } }
        > 1:74: error: "not_before" must be a date, today or today+3d, not "now"

        - { type: dropdown, attributes: { label: L } }
        > 1:33: error: "options" must list at least one option

        - { type: dropdown, attributes: { label: L, options: [] } }
        > 1:54: warning: "options" is empty; there is nothing to choose

        - { type: dropdown, attributes: { label: L, options: [] }, validations: { required: true } }
        > 1:54: error: "options" is empty, so that this required field cannot be filled in

        - { type: dropdown, attributes: { label: L, options: [a, a] } }
        > 1:58: error: the option "a" stands twice

        - { type: dropdown, attributes: { label: L, options: [a, None] } }
        > 1:58: error: the option "None" is reserved: a dropdown that is not required offers it itself

        - { type: dropdown, attributes: { label: L, options: [a, ''] } }
        > 1:58: error: an option must not be empty

        - { type: dropdown, attributes: { label: L, options: [a, { description: b }] } }
        > 1:58: error: an option needs "value"

        - { type: dropdown, attributes: { label: L, options: [a, { label: b }] } }
        > 1:58: warning: an option needs no "label:"; write its text alone

        - { type: dropdown, attributes: { label: L, options: [a, [b]] } }
        > 1:58: error: an option must be a mapping, not a list

        - { type: dropdown, attributes: { label: L, options: [apple, b], default: aple } }
        > 1:75: error: "default" must be one of the options or an index from 0 to 1; did you mean "apple"?

        - { type: dropdown, attributes: { label: L, options: [a, b], default: 2 } }
        > 1:71: error: "default" must be one of the options or an index from 0 to 1

        - { type: dropdown, attributes: { label: L, options: [a, b], multiple: maybe } }
        > 1:72: error: "multiple" must be true or false, not "maybe"

        - { type: dropdown, attributes: { label: L, multiple: true, options: [a, b] }, validations: { min_selected: 3 } }
        > 1:109: error: "min_selected" is above the number of options, 2

        - { type: dropdown, attributes: { label: L, multiple: true, other: true, options: [a, b] }, validations: { min_selected: 3 } }

        - { type: dropdown, attributes: { label: L, options: [a, b] }, validations: { min_selected: 3 } }
        > 1:79: warning: "min_selected" has no effect without "multiple: true"

        - { type: checkboxes, attributes: { label: L, options: [{ label: a }, { label: b }] }, validations: { min_selected: 3 } }
        > 1:117: error: "min_selected" is above the number of options, 2

        - { type: checkboxes, attributes: { label: L, options: [{ label: a, required: true }, { label: b, required: true }] }, validations: { max_selected: 1 } }
        > 1:149: error: "max_selected" is below the number of options that must be ticked, 2

        - { type: dropdown, attributes: { label: L, multiple: true, options: [a, b] }, validations: { min_selected: 2, max_selected: 1 } }
        > 1:109: error: "min_selected" is above "max_selected"

        - { type: radio, attributes: { label: L, options: yes } }
        > 1:51: error: "options" must be a list, not "yes"

        - { type: radio, attributes: { label: L, options: [a, b], multiple: true, default: [b, 0] }, validations: { min_selected: 3 } }
        > 1:123: error: "min_selected" is above the number of options, 2

        - { type: radio, attributes: { label: L, options: [a] }, validations: { max_selected: 1 } }
        > 1:73: warning: "max_selected" has no effect without "multiple: true"

        - { type: dropdown, attributes: { label: L, options: [a], default: [a] } }
        > 1:68: error: "default" must be text, not a list

        - { type: dropdown, attributes: { label: L, options: [a, b], multiple: true, default: [a, c, { d: e }] } }
        > 1:91: error: "default" must be one of the options or an index from 0 to 1
        > 1:94: error: "default" must be text, not a mapping

        - { type: dropdown, attributes: { label: L, options: [o0,o1,o2,o3,o4,o5,o6,o7,o8,o9,o10,o11,o12,o13,o14,o15,o16,o17,o18,o19,o20,o21,o22,o23,o24,o25,o26,o27,o28,o29,o30,o31,o32,o33,o34,o35,o36,o37,o38,o39,o40,o41,o42,o43,o44,o45,o46,o47,o48,o49,o50,o51,o52,o53,o54,o55,o56,o57,o58,o59,o60,o61,o62,o63,o64,o65,o66,o67,o68,o69,o70,o71,o72,o73,o74,o75,o76,o77,o78,o79,o80,o81,o82,o83,o84,o85,o86,o87,o88,o89,o90,o91,o92,o93,o94,o95,o96,o97,o98,o99,o100,o101,o102,o103,o104,o105,o106,o107,o108,o109,o110,o111,o112,o113,o114,o115,o116,o117,o118,o119,o120,o121,o122,o123,o124,o125,o126,o127,o128,o129,o130,o131,o132,o133,o134,o135,o136,o137,o138,o139,o140,o141,o142,o143,o144,o145,o146,o147,o148,o149,o150,o151,o152,o153,o154,o155,o156,o157,o158,o159,o160,o161,o162,o163,o164,o165,o166,o167,o168,o169,o170,o171,o172,o173,o174,o175,o176,o177,o178,o179,o180,o181,o182,o183,o184,o185,o186,o187,o188,o189,o190,o191,o192,o193,o194,o195,o196,o197,o198,o199,o200,o201,o202,o203,o204,o205,o206,o207,o208,o209,o210,o211,o212,o213,o214,o215,o216,o217,o218,o219,o220,o221,o222,o223,o224,o225,o226,o227,o228,o229,o230,o231,o232,o233,o234,o235,o236,o237,o238,o239,o240,o241,o242,o243,o244,o245,o246,o247,o248,o249,o250,o251,o252,o253,o254,o255,o256,o257,o258,o259,o260,o261,o262,o263,o264,o265,o266,o267,o268,o269,o270,o271,o272,o273,o274,o275,o276,o277,o278,o279,o280,o281,o282,o283,o284,o285,o286,o287,o288,o289,o290,o291,o292,o293,o294,o295,o296,o297,o298,o299,o300,o301,o302,o303,o304,o305,o306,o307,o308,o309,o310,o311,o312,o313,o314,o315,o316,o317,o318,o319,o320,o321,o322,o323,o324,o325,o326,o327,o328,o329,o330,o331,o332,o333,o334,o335,o336,o337,o338,o339,o340,o341,o342,o343,o344,o345,o346,o347,o348,o349,o350,o351,o352,o353,o354,o355,o356,o357,o358,o359,o360,o361,o362,o363,o364,o365,o366,o367,o368,o369,o370,o371,o372,o373,o374,o375,o376,o377,o378,o379,o380,o381,o382,o383,o384,o385,o386,o387,o388,o389,o390,o391,o392,o393,o394,o395,o396,o397,o398,o399,o400,o401,o402,o403,o404,o405,o406,o407,o408,o409,o410,o411,o412,o413,o414,o415,o416,o417,o418,o419,o420,o421,o422,o423,o424,o425,o426,o427,o428,o429,o430,o431,o432,o433,o434,o435,o436,o437,o438,o439,o440,o441,o442,o443,o444,o445,o446,o447,o448,o449,o450,o451,o452,o453,o454,o455,o456,o457,o458,o459,o460,o461,o462,o463,o464,o465,o466,o467,o468,o469,o470,o471,o472,o473,o474,o475,o476,o477,o478,o479,o480,o481,o482,o483,o484,o485,o486,o487,o488,o489,o490,o491,o492,o493,o494,o495,o496,o497,o498,o499,o500] } }
        > 1:54: error: "options" must list 1 to 500 options, not 501

        - { type: checkboxes, attributes: { label: L, options: [a] } }
        > 1:57: error: an option must be a mapping, not "a"

        - { type: checkboxes, attributes: { label: L, options: [{ value: a }] } }
        > 1:57: error: an option of checkboxes needs "label"

        - { type: checkboxes, attributes: { label: L, options: [{ label: a }, { label: a }] } }
        > 1:80: error: the option "a" stands twice

        - { type: checkboxes, attributes: { label: L, options: [{ label: a, value: x }, { label: b, value: x }] } }
        > 1:100: error: the value "x" stands twice

        - { type: checkbox, attributes: { label: L, value: maybe } }
        > 1:52: error: "value" must be true or false, not "maybe"

        - { type: user, attributes: { label: L, role: Some One } }
        > 1:47: error: "Some One" cannot be a company role: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit

        - { type: upload, attributes: { label: L }, validations: { accept: [pdf] } }
        > 1:69: error: "accept" takes endings such as .pdf and media types such as image/*, not "pdf"

        - { type: upload, attributes: { label: L }, validations: { max_files: 99 } }
        > 1:71: error: "max_files" must be a whole number from 1 to 20, not "99"

        - { type: upload, attributes: { label: L }, validations: { max_size: 1GB } }
        > 1:70: error: "max_size" must be a size such as 500KB or 10MB, at most 25MB, not "1GB"

        - { type: upload, attributes: { label: L }, validations: { max_size: big } }
        > 1:70: error: "max_size" must be a size such as 500KB or 10MB, at most 25MB, not "big"

        - { type: input, audience: [any], attributes: { label: L } }
        > 1:29: error: "any" cannot be a company role: the name is reserved

        - { type: input, audience: [], attributes: { label: L } }
        > 1:18: warning: "audience" is empty and has no effect

        - { type: input, visible: [form], attributes: { label: L } }
        > 1:18: warning: "visible" has no effect here

        - { type: input, attributes: { label: L, description: , placeholder: } }
        > 1:42: warning: "description" has no value and no effect
        > 1:57: warning: "placeholder" has no value and no effect

        - { type: date, attributes: { label: L, value: today+9223372036854775808d } }
        > 1:48: error: "value" must be a date such as 2026-11-22, today or today+3d, not "today+9223372036854775808d"

        - { type: date, attributes: { label: L }, validations: { not_before: today-9223372036854775808d } }
        > 1:70: error: "not_before" must be a date, today or today+3d, not "today-9223372036854775808d"

        - { type: datetime, attributes: { label: L }, validations: { not_after: today-9223372036854775808d } }
        > 1:73: error: "not_after" must be a date, today or today+3d, not "today-9223372036854775808d"

        - { type: input, attributes: { label: L }, validations: { max_length: 9223372036854775808 } }
        > 1:71: error: "max_length" must be a whole number from 0, not "9223372036854775808"

        - { type: dropdown, attributes: { label: L, options: [a], default: -9223372036854775808 } }
        > 1:68: error: "default" must be one of the options or an index from 0 to 0

        - { type: input, attributes: { label: L, value: "${ $ticket.requester }" } }
        > 1:49: error: "value" of a ticket's field computes nothing; it may be plain text; an expression may stand in the ticket's "title"

        - { type: user, attributes: { label: L, value: "${ me }" } }
        > 1:48: error: "value" of a ticket's field computes nothing; it may be a login, me (who fills the form in) or requester (whose ticket it is)

        - { type: number, attributes: { label: L, value: "${ .x }" } }
        > 1:50: error: "value" of a ticket's field computes nothing; it may be a number

        - { type: checkbox, attributes: { label: L, value: "${ true }" } }
        > 1:52: error: "value" of a ticket's field computes nothing; it may be true or false

        - { type: radio, attributes: { label: L, options: [a], default: "${ .a }" } }
        > 1:65: error: "default" of a ticket's field computes nothing; it may be one of the options, or its index from 0

        - { type: datetime, attributes: { label: L, value: "${ now }" } }
        > 1:52: error: "value" of a ticket's field computes nothing; it may be a date and time such as 2026-11-22T09:30, or now

        - { type: textarea, attributes: { label: L, value: "For ${ $ticket.requester }" } }
        > 1:52: error: "value" of a ticket's field computes nothing; it may be plain text; an expression may stand in the ticket's "title"

        - { type: textarea, attributes: { label: L, value: "export A=${HOME} ${{ b }}" } }
        - { type: input, attributes: { label: "For ${ .b }", description: "${ .c }" } }
        > 2:39: warning: "${ }" is not computed in "label"; it is shown as it stands
        > 2:67: warning: "${ }" is not computed in "description"; it is shown as it stands

        - { type: checkboxes, attributes: { label: L, options: [{ label: "a\nb" }, { label: "a\r\nb", value: "a\rb" }] } }
        > 1:102: error: the value "a\u{A}b" stands twice
        """#)

    @Test(arguments: mistakes)
    func `is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.ticket.yaml", before: "name: A\ndescription: B\nbody:\n") == mistake.messages)
    }
}
