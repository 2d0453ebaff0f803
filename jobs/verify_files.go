package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// unknownRevision is a revision that nothing is said of where a manifest is damaged.
const unknownRevision = -1

// readManifest reads the verdict on the revision. Published is the latest
// published revision before it, or unknownRevision; last says that no revision follows.
func (c *runCheck) readManifest(ctx context.Context, published int, last bool) error {
	key := c.manifestKey()
	if !c.files.Decided {
		if !last {
			c.fault(key, "", "a manifest, as later revisions have one", "nothing")
		}
		return nil
	}
	m, err := c.p.publisher.ManifestOf(ctx, c.files.Job, c.files.Period, c.files.Revision)
	if err != nil {
		c.damaged(key, err)
		return unanswered(err)
	}
	c.m = &m
	c.out.Verdict, c.out.Engine = m.Verdict, m.Engine
	if published != unknownRevision && m.Supersedes != published {
		c.fault(key, "supersedes", fmt.Sprint(published), fmt.Sprint(m.Supersedes))
	}
	if m.Verdict == publish.Sealed && !last {
		c.fault(key, "verdict", "no revision after a seal", "one")
	}
	known := []publish.Verdict{publish.Published, publish.Unchanged, publish.Abandoned, publish.Sealed}
	if !slices.Contains(known, m.Verdict) {
		c.fault(key, "verdict", "published, unchanged, abandoned or sealed", string(m.Verdict))
	}
	return nil
}

// damaged lists a file that cannot be read, or whose own sha256 is not that of
// its text.
func (c *runCheck) damaged(key string, err error) {
	var sum *publish.SumError
	if errors.As(err, &sum) {
		c.fault(key, "sha256 of the text before it", sum.Computed, sum.Written)
		return
	}
	c.fault(key, "", "the file as it was written", found(err))
}

// checkPlan compares the plan with what the manifest says of it.
func (c *runCheck) checkPlan(ctx context.Context) error {
	if c.files.Decided && c.m == nil || c.m != nil && c.m.Verdict == publish.Sealed && c.m.Plan == "" {
		return nil
	}
	key := publish.PlanKey(c.files.Job, c.files.Period, c.files.Revision)
	plan, err := c.p.publisher.Plan(ctx, c.files.Job, c.files.Period, c.files.Revision)
	if err != nil {
		c.damaged(key, err)
		return unanswered(err)
	}
	c.plan = &plan
	if c.m == nil {
		return nil
	}
	if sum := plan.Identity.Digest(); sum != c.m.Plan {
		c.fault(key, "digest of the identity, against plan in the manifest", c.m.Plan, sum)
	}
	if !plan.Identity.AsOf.Equal(c.m.AsOf) {
		c.fault(key, "identity.as_of, against the manifest", instantText(c.m.AsOf), instantText(plan.Identity.AsOf))
	}
	if c.m.Verdict == publish.Published || c.m.Verdict == publish.Unchanged {
		if plan.Engine != c.m.Engine {
			c.fault(key, "engine, against the manifest", c.m.Engine, plan.Engine)
		}
		c.compareInputs()
	}
	return nil
}

// compareInputs holds what the manifest says that it read against the plan. What
// raw usage is was known only after reading.
func (c *runCheck) compareInputs() {
	type name struct{ kind, key, sum string }
	planned := map[name]publish.Input{}
	nameOf := func(i publish.Input) name {
		if i.Kind == kindUsage {
			return name{i.Kind, i.Key, ""}
		}
		return name{i.Kind, i.Key, i.SHA256}
	}
	for _, i := range c.plan.Identity.Inputs {
		planned[nameOf(i)] = i
	}
	for _, i := range c.m.Inputs {
		was, ok := planned[nameOf(i)]
		switch {
		case !ok:
			c.fault(c.manifestKey(), fmt.Sprintf("input %s %s", i.Kind, i.Key), "an input of the plan", "sha256 "+i.SHA256)
		case was.Size != i.Size:
			c.fault(c.manifestKey(), fmt.Sprintf("size of input %s %s", i.Kind, i.Key), fmt.Sprint(was.Size), fmt.Sprint(i.Size))
		}
		delete(planned, nameOf(i))
	}
	for _, i := range c.plan.Identity.Inputs {
		if _, left := planned[nameOf(i)]; left {
			c.fault(c.manifestKey(), fmt.Sprintf("input %s %s", i.Kind, i.Key), "named, as the plan names it", "nothing")
		}
	}
}

const kindUsage = "usage"

// checkInputs digests the inputs that lie in the output store. Raw usage is read
// where the rollup is computed again.
func (c *runCheck) checkInputs(ctx context.Context) error {
	if c.m == nil {
		return nil
	}
	for _, i := range c.m.Inputs {
		if i.Kind == kindUsage || i.Kind == kindRun { // a run is verified by itself
			continue
		}
		key := i.Key
		if i.Kind == kindBook || i.Kind == kindRegistry {
			key = publish.CopyKey(i)
		}
		where := ""
		if key != i.Key {
			where = i.Kind + " " + i.Key
		}
		if _, err := c.digested(ctx, key, where, i.SHA256, i.Size); err != nil {
			return err
		}
		if i.Kind == kindRollup {
			if err := c.checkRollupInput(ctx, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRollupInput holds a rollup that was rated against the manifest of the
// revision that made it.
func (c *runCheck) checkRollupInput(ctx context.Context, i publish.Input) error {
	job, period, revision, ok := publish.MadeBy(i.Key)
	if !ok {
		c.fault(c.manifestKey(), "input rollup", "a key under data/", i.Key)
		return nil
	}
	m, err := c.p.publisher.ManifestOf(ctx, job, period, revision)
	if err != nil {
		c.damaged(publish.ManifestKey(job, period, revision), err)
		return unanswered(err)
	}
	if !slices.ContainsFunc(m.Objects, func(o publish.Object) bool { return o.SHA256 == i.SHA256 && o.Table == "usage_daily" }) {
		other := "none"
		if n := slices.IndexFunc(m.Objects, func(o publish.Object) bool { return o.Table == "usage_daily" }); n >= 0 {
			other = m.Objects[n].Key
		}
		c.fault(publish.ManifestKey(job, period, revision), fmt.Sprintf("object usage_daily, which %s %s r%06d was computed from", c.files.Job, c.files.Period, c.files.Revision), i.Key, other)
	}
	return nil
}

// digested reads what stands under a key and checks that it has the digest; it
// returns what it found, nil where there is nothing.
func (c *runCheck) digested(ctx context.Context, key, where, sum string, size int64) ([]byte, error) {
	prefix := ""
	if where != "" {
		prefix = where + ": "
	}
	body, _, err := blob.ReadAll(ctx, c.p.stores.Out, key, max(size, 1)*2+1<<20)
	switch {
	case errors.Is(err, blob.ErrNotFound) && c.files.Condemned:
		c.unproven("its data was deleted as superseded (gc --superseded)")
		return nil, nil
	case err != nil && !told(err):
		return nil, err
	case err != nil:
		c.fault(key, where, "sha256 "+sum, found(err))
		return nil, nil
	}
	if int64(len(body)) != size {
		c.fault(key, prefix+"size", fmt.Sprint(size), fmt.Sprint(len(body)))
	}
	if have := digest(body); have != sum {
		c.fault(key, prefix+"sha256", sum, have)
	}
	return body, nil
}

func instantText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
