package book

// notYetBuilt lists the keys and words of docs/formats.md that this version of
// Daybook does not price yet, by where they stand, with what to do instead. They
// are refused rather than ignored: a price that is left out of a bill in silence
// is worse than a book that does not load.
func notYetBuilt() map[string]map[string]string {
	return map[string]map[string]string{
		"price": {
			"schedule":  "write it within `burst`; for other prices use new versions of the book",
			"per_event": "write it within `percentage`, or add a count meter with a price of its own",
			"credit":    "use allowance",
		},
		"meter": {
			"slots": "use by with a dimension that names the slot",
			"floor": "apply it where the usage is written",
			"cap":   "apply it where the usage is written",
		},
		"plan": {
			"trial":      "write a phase: `phases: [{name: trial, for: 7d, free: true}]`",
			"commitment": "write it within a price, or use an adjustment with minimum",
		},
		"document": {
			"level_schedule": "write `schedule` within the price's `burst`",
			"exchange_rates": "keep one book for each currency",
			"credits":        "keep credits out of the price book",
		},
	}
}

// saidOtherwise lists keys of other systems for what a book can say in its own
// words, by where they stand.
func saidOtherwise() map[string]map[string]string {
	return map[string]map[string]string{
		"price": {
			"bulk":                          "write `volume` tiers",
			"tiered":                        "write `graduated` tiers",
			"tiered_package":                "write `graduated` tiers, each with `package: {size, price}`, and `round_quantity: {step: <size>, mode: up}` where bounds are in units of whole packages",
			"threshold_total_amount":        "write `threshold`",
			"package_with_allocation":       "write `package` with `allowance`",
			"matrix_with_allocation":        "write `matrix` with `allowance`",
			"grouped_tiered":                "write `graduated` with `each: <dimension>`",
			"grouped_allocation":            "write `unit` with `allowance` and `each: <dimension>`",
			"grouped_with_prorated_minimum": "write `unit` with `each: <dimension>` and `commitment: {amount: <minimum>, true_up: true}`",
			"grouped_with_metered_minimum":  "write `unit` with `each: <dimension>` and `commitment: {amount: <minimum>, true_up: true}`",
			"unit_with_percent":             "write `unit: <amount times percent>`",
			"unit_with_proration":           "write `unit` with `prorate`",
			"max_qty":                       "write `volume` tiers with `up_to`",
			"steps":                         "write `graduated` tiers, each with `package: {size, price}`",
			"licence":                       "write a `resource` for installations, a `resource` per hour for what runs, or `fixed` for the customer's own count",
			"free_units":                    "write `allowance: <units>`",
		},
		"percentage": {
			"floor": "write `per_event_min`", "minimum": "write `per_event_min` for the least of an event, or `minimum` beside `percentage`",
			"cap": "write `per_event_max`", "maximum": "write `per_event_max` for the most of an event, or `maximum` beside `percentage`",
		},
	}
}

// notYet tells what to do instead of a key or word that is not built yet. The
// parent is the kind of node, or the key of a choice with its options.
func notYet(parent, word string) (instead string, known bool) {
	for end, c := range parent {
		if c == ',' {
			parent = parent[:end]
			break
		}
	}
	instead, known = notYetBuilt()[parent][word]
	return instead, known
}
