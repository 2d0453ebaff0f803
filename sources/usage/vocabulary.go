package usage

// noValue is the number of a dimension that a row has no value of.
const noValue = 0

// vocabulary numbers what a worker's rows name. Attribution keys and meters have
// the numbers of the pass; dimension values have the worker's own, and chains of
// them lead to the shapes of the pass, so that a row costs one small lookup for
// each of its dimensions and allocates nothing.
type vocabulary struct {
	pass   *pass
	values *words // number + 1 is the value's, which leaves noValue free
	latest nearby // of subscriptions

	// A state is a meter with the values of some of its first dimensions. The
	// first states are the meters themselves.
	states []state
	steps  steps
}

type state struct {
	before uint32 // the state without the last value
	value  uint32
	depth  int
	shape  uint32 // + 1; 0 not known yet
}

func newVocabulary(p *pass) *vocabulary {
	return &vocabulary{pass: p, values: newWords(16), states: make([]state, len(p.meters))}
}

// meter returns the number of a meter's id.
func (v *vocabulary) meter(text []byte) uint32 {
	if n := usable(text); n != unknown {
		return n
	}
	return v.pass.meterOf.find(text)
}

// subscription returns the attribution key of a subscription's id.
func (v *vocabulary) subscription(text []byte) uint32 {
	if n := usable(text); n != unknown {
		return n
	}
	k := &v.pass.attribution.subscriptions
	n := k.names.findNear(text, &v.latest)
	if n == unknown {
		return unknown
	}
	return k.key(n)
}

// account returns the attribution key of an account's id.
func (v *vocabulary) account(text []byte) uint32 {
	if n := usable(text); n != unknown {
		return n
	}
	return v.pass.attribution.accounts.find(text)
}

// usable returns why an id cannot be looked up, missing or badText, and unknown
// where it can.
func usable(text []byte) uint32 {
	switch {
	case len(text) == 0:
		return missing
	case !validText(text):
		return badText
	}
	return unknown
}

// value returns the number of a dimension value, or badText. An empty text is a
// value.
func (v *vocabulary) value(text []byte) uint32 {
	if !validText(text) {
		return badText
	}
	return v.values.number(text) + 1
}

// step returns the state after one more value.
func (v *vocabulary) step(from, value uint32) uint32 {
	l := v.steps.next(from, value)
	if l.to == 0 {
		v.states = append(v.states, state{before: from, value: value, depth: v.states[from].depth + 1})
		*l = leap{from, value, uint32(len(v.states))}
		v.steps.taken++
	}
	return l.to - 1
}

// shape returns the shape of a state that has all of its meter's dimensions.
func (v *vocabulary) shape(at uint32) uint32 {
	if n := v.states[at].shape; n != 0 {
		return n - 1
	}
	values := make([]uint32, v.states[at].depth)
	meter := at
	for i := len(values) - 1; i >= 0; i-- {
		values[i] = v.states[meter].value
		meter = v.states[meter].before
	}
	var ds []dimension
	for i, value := range values {
		if value != noValue {
			ds = append(ds, dimension{v.pass.meters[meter].By[i], string(v.values.text(value - 1))})
		}
	}
	n := v.pass.shapes.number(shape{meter, canonical(ds)})
	v.states[at].shape = n + 1
	return n
}
