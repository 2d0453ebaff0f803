package registry

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
)

func TestParse_ReadsSchedulesOfLevels(t *testing.T) {
	got, err := Parse(append(minimal(),
		File{Name: "levels.csv", Content: []byte("schedule,from,level\nload,2026-10-05T10:35:00+02:00,2\nload,2026-10-01,1\n")},
	), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	want := []pricing.ScheduledLevel{
		{Schedule: "load", LevelChange: pricing.LevelChange{From: day.AddDate(0, 0, 4).Add(8*time.Hour + 35*time.Minute), Level: 2}},
		{Schedule: "load", LevelChange: pricing.LevelChange{From: day, Level: 1}},
	}
	if !reflect.DeepEqual(got.Levels, want) {
		t.Errorf("got %v, want %v", got.Levels, want)
	}
}

func TestParse_RefusesLevelsThatAreNone(t *testing.T) {
	_, err := Parse(append(minimal(),
		File{Name: "levels.csv", Content: []byte("schedule,from,level\nload,2026-10-01,-1\nload,2026-10-01,1.5\nload,now,1\n,2026-10-01,1\n")},
	), Limits{})
	if err == nil {
		t.Fatal("they are accepted")
	}
	for _, want := range []string{`is "-1", and levels are 0 or more`, `"1.5" where a whole number is wanted`, "now", "schedule"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}

// minimal is the least that a registry has.
func minimal() []File {
	return []File{
		{Name: "accounts.csv", Content: []byte("id\nacme\n")},
		{Name: "subscriptions.csv", Content: []byte("id,account,plan,start\ns,acme,p,2026-01-01\n")},
	}
}
