package jobs

import "daybook/pricing"

// Missing is something that a month's usage lacks.
type Missing struct {
	Day    pricing.Date `json:"day"`
	What   string       `json:"what"`
	Remedy string       `json:"remedy"`
}
