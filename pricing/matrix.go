package pricing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// Matrix prices by one or two dimensions, with a default for the cells that
// are not listed.
type Matrix struct {
	By         []string // one or two of the meter's dimensions, in order
	Default    money.Amount
	HasDefault bool
	Cells      []MatrixCell // sorted by Values
}

// MatrixCell is the unit price of one combination of dimension values.
type MatrixCell struct {
	Values []string // one for each of Matrix.By
	Unit   money.Amount
}

// Name implements Model.
func (Matrix) Name() string { return "matrix" }

// billGroups prices each group at its cell's unit price or the default. What an
// allowance or a usage discount left of the whole quantity is left of each
// group in proportion, so that neither order nor names decide which group was
// free. It fills c.Groups, all but their subtotals, whose exact values it
// returns. A group of nothing needs no price.
func (m Matrix) billGroups(c *Charge, to *AmountRounding) (b bill, shares []money.Fraction, err error) {
	if len(c.groups) == 0 && !c.whole.IsZero() {
		return b, nil, errors.New("a matrix price needs the quantity of each group")
	}
	left := money.Whole(1)
	if !c.whole.IsZero() {
		if left, err = c.Billable.Quo(c.whole); err != nil {
			return b, nil, err
		}
	}
	c.Groups, shares = make([]GroupCharge, len(c.groups)), make([]money.Fraction, len(c.groups))
	for i, g := range c.groups {
		price, ok := m.priceOf(g.Values)
		if !ok && !g.Quantity.IsZero() {
			return b, nil, &MissingCellError{By: m.By, Values: g.Values}
		}
		shares[i] = to.round(g.Quantity.Mul(left).Mul(price.Fraction()))
		b.sum = b.sum.Add(shares[i])
		c.Groups[i] = GroupCharge{Values: g.Values, Quantity: g.Quantity.Quantity(), UnitPrice: price}
	}
	b.unitPrice, b.hasUnitPrice = commonPrice(c.Groups)
	return b, shares, nil
}

// priceOf returns the unit price of a combination of values.
func (m Matrix) priceOf(values []string) (money.Amount, bool) {
	i, ok := slices.BinarySearchFunc(m.Cells, values, func(c MatrixCell, v []string) int {
		return slices.Compare(c.Values, v)
	})
	if ok {
		return m.Cells[i].Unit, true
	}
	return m.Default, m.HasDefault
}

// commonPrice returns the unit price that all groups share, if they do.
func commonPrice(groups []GroupCharge) (money.Amount, bool) {
	for i := range groups {
		if groups[i].UnitPrice.Cmp(groups[0].UnitPrice) != 0 {
			return money.Amount{}, false
		}
	}
	if len(groups) == 0 {
		return money.Amount{}, false
	}
	return groups[0].UnitPrice, true
}

// MissingCellError says that usage falls into a cell for which a matrix price
// has neither a price nor a default.
type MissingCellError struct {
	By, Values []string // the dimensions and the values without a price
}

// Error implements error; it names the cell and the remedy.
func (e *MissingCellError) Error() string {
	cell := make([]string, len(e.Values))
	for i, v := range e.Values {
		cell[i] = fmt.Sprintf("%.60q", v)
		if i < len(e.By) {
			cell[i] = e.By[i] + " " + cell[i]
		}
	}
	return fmt.Sprintf("price has no cell for %s and no default: add one to the price book", strings.Join(cell, ", "))
}
