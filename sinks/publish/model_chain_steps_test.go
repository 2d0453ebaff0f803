package publish

// next calls yield with every state that may come after s.
func (p chainRules) next(s chainState, yield func(chainStep, chainState)) {
	for i := range s.runners {
		who, r := uint8(i), s.runners[i]
		if r.at == finished {
			continue
		}
		p.call(s, who, stepFine, yield)
		switch r.at {
		case sealPut, planPut, abandonPut, objectPut, manifestPut:
			if s.faults < p.faults {
				p.call(s, who, stepLost, yield)
				p.call(s, who, stepFailed, yield)
			}
		}
		if s.crashes < p.crashes && r != (chainRunner{}) {
			after := s
			after.crashes++
			after.runners[i] = chainRunner{}
			yield(chainStep{who, r.at, stepCrash}, after)
		}
	}
	if s.input < p.changes {
		after := s
		after.input++
		yield(chainStep{world, 0, stepChange}, after)
	}
	if after := s; p.collect && p.garbage(&after) {
		yield(chainStep{world, 0, stepCollect}, after)
	}
}

// garbage deletes the objects of decided revisions that no manifest names.
func (p chainRules) garbage(s *chainState) (found bool) {
	for month := range s.months {
		for i := range s.months[month] {
			slot := &s.months[month][i]
			decided := slot.verdict == isAbandoned || slot.verdict == isSealed
			if slot.object && (decided || p.collectUndecided && slot.verdict == undecided) {
				slot.object, found = false, true
			}
		}
	}
	return found
}

// call makes the next call of a runner.
func (p chainRules) call(s chainState, who, fate uint8, yield func(chainStep, chainState)) {
	st := chainStep{who, s.runners[who].at, fate}
	if fate != stepFine {
		s.faults++
	}
	p.act(&s, who, fate)
	yield(st, s)
}

// act changes s by the next call of a runner.
func (p chainRules) act(s *chainState, who, fate uint8) {
	r := &s.runners[who]
	task := chainTasks[who][r.task]
	slot := &s.months[task.month][r.slot]
	switch r.at {
	case look:
		p.look(s, r, task)
		if r.at == look {
			p.nextTask(r, who)
		}
	case lookBefore:
		_, pub, _ := s.listed(0)
		switch {
		case pub == 0:
			p.nextTask(r, who) // inputs are incomplete
		case p.noSeal:
			r.pred, r.number, r.at = pub, s.after(0, pub), beginList
		default:
			if r.at = sealList; p.numbersBeforeSeal {
				r.pred, r.number = pub, s.after(0, pub)
			}
		}
	case sealList, sealPut, sealRead:
		p.seal(s, r, fate)
	case lookAfter:
		_, pub, _ := s.listed(0)
		if r.at = beginList; !p.numbersBeforeSeal {
			r.pred, r.number = pub, s.after(0, pub)
		}
	case beginList:
		next, pub, last := s.listed(task.month)
		moved := next > r.seenNext && (pub != r.seenPub || last != isAbandoned)
		switch {
		case last == isSealed, moved && !p.beginAnyway:
			*r = chainRunner{task: r.task}
		default:
			r.slot, r.at, r.seenNext, r.seenPub = next, planPut, 0, 0
		}
	case planPut, planRead:
		p.plan(slot, r, task, fate)
	case abandonPut, abandonRead:
		if p.decide(s, slot, r, fate, isAbandoned) {
			*r = chainRunner{task: r.task}
		}
	case objectPut, objectRead:
		p.object(slot, r, fate)
	case manifestPut, manifestRead:
		p.commit(s, slot, r, who, task, fate)
	}
}

func (p chainRules) nextTask(r *chainRunner, who uint8) {
	if *r = (chainRunner{task: r.task + 1}); int(r.task) == len(chainTasks[who]) {
		*r = chainRunner{at: finished}
	}
}

// look decides by what stands whether there is anything to do; the runner stays
// where it is if not.
func (p chainRules) look(s *chainState, r *chainRunner, task chainTask) {
	next, pub, last := s.listed(task.month)
	r.seenNext, r.seenPub, r.input = next, pub, s.input
	switch {
	case task.kind == supplement && (pub == 0 || last == isSealed || s.months[0][pub-1].plan.kind == supplement),
		task.kind == closing && pub != 0:
		return
	case task.kind == supplement:
		r.number, r.at = s.after(0, pub), beginList
	case task.month == 1:
		r.at = lookBefore
	default:
		if r.number, r.at = 1, beginList; p.burnNumbers {
			r.number += next - pub // those of abandoned revisions
		}
	}
}

func (p chainRules) seal(s *chainState, r *chainRunner, fate uint8) {
	switch r.at {
	case sealList:
		next, _, last := s.listed(0)
		if r.slot, r.at = next, sealPut; last == isSealed {
			r.slot, r.at = 0, lookAfter
		}
		return
	case sealPut:
		slot := &s.months[0][r.slot]
		if p.overwriteSeal && slot.verdict != undecided {
			slot.verdict, s.broken = undecided, s.broken || slot.verdict != isSealed
		}
	}
	slot := &s.months[0][r.slot]
	if !p.decide(s, slot, r, fate, isSealed) {
		return
	}
	if r.at, r.slot = lookAfter, 0; slot.verdict != isSealed {
		r.at = sealList // a supplement took the slot first
	}
}

// own is the plan that a runner would make.
func (r chainRunner) own(task chainTask) chainPlan {
	return chainPlan{kind: task.kind, input: r.input, predecessor: r.pred, number: r.number}
}

func (p chainRules) plan(slot *chainSlot, r *chainRunner, task chainTask, fate uint8) {
	own := r.own(task)
	if r.at == planPut {
		absent := slot.plan.kind == 0
		if absent && fate != stepFailed {
			slot.plan = own
		}
		if r.at = planRead; absent && fate == stepFine {
			r.at = objectPut
		}
		return
	}
	switch {
	case slot.plan.kind == 0:
		r.at = planPut
	case slot.plan == own:
		r.at = objectPut
	default:
		r.at = abandonPut
	}
}

// decide puts a verdict if none stands, or reads after a put that did not go
// well; it reports whether the runner knows that the revision is decided.
func (p chainRules) decide(s *chainState, slot *chainSlot, r *chainRunner, fate, verdict uint8) bool {
	switch r.at {
	case abandonRead, manifestRead, sealRead:
		if r.at--; slot.verdict == undecided {
			return false
		}
		return true
	}
	put := slot.verdict == undecided
	if p.overwriteManifest && verdict != isSealed && !put && fate != stepFailed {
		put, s.broken = true, s.broken || slot.verdict != verdict
	}
	if put && fate != stepFailed {
		slot.verdict = verdict
	}
	if put && fate == stepFine {
		return true
	}
	r.at++ // read what stands
	return false
}

func (p chainRules) object(slot *chainSlot, r *chainRunner, fate uint8) {
	switch {
	case r.at == objectRead && !slot.object:
		*r = chainRunner{} // the run fails; the next one begins anew
	case r.at == objectRead, !slot.object && fate == stepFine:
		slot.object, r.at = true, manifestPut
	default:
		slot.object = slot.object || fate == stepLost
		r.at = objectRead
	}
}

func (p chainRules) commit(s *chainState, slot *chainSlot, r *chainRunner, who uint8, task chainTask, fate uint8) {
	was := r.at
	if !p.decide(s, slot, r, fate, isPublished) {
		if was == manifestPut && fate != stepFine && p.lostIsFailed {
			slot.object = false // what it takes for its own garbage
			*r = chainRunner{task: r.task}
		}
		return
	}
	switch {
	case slot.verdict == isPublished:
		p.nextTask(r, who)
	default: // abandoned or sealed: begin again by what stands
		*r = chainRunner{task: r.task}
	}
}
