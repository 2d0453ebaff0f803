// Package pricingtest is the second opinion on pricing: a slow oracle in
// big.Rat that states each rule of docs/billing-rules.md in its plainest form,
// and generators of prices, quantities and adjustments to compare it with. It
// shares no arithmetic with the packages it checks. Tests alone import it.
package pricingtest
