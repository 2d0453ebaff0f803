package documents

import (
	"encoding/json"

	"daybook/pricing"
	"daybook/pricing/money"
)

// OrbUsage is the usage of one metric, or of one group of it, by window.
type OrbUsage struct {
	Metric, Name string
	Key, Value   string // of the group; "" : not grouped
	View         OrbView
	Windows      []pricing.Period
	Quantities   []money.Quantity // one for each window
}

type orbUsage struct {
	Metric  orbNamed       `json:"billable_metric"`
	Group   *orbUsageGroup `json:"metric_group,omitempty"`
	View    OrbView        `json:"view_mode"`
	Windows []orbWindow    `json:"usage"`
}

type orbUsageGroup struct {
	Key   string `json:"property_key"`
	Value string `json:"property_value"`
}

type orbWindow struct {
	Quantity json.Number `json:"quantity"`
	Start    string      `json:"timeframe_start"`
	End      string      `json:"timeframe_end"`
}

// OrbUsages writes the usage of a subscription: each metric, or each group of one,
// with every window. Page is of grouped usage; nil otherwise.
func OrbUsages(usages []OrbUsage, page *OrbPage) ([]byte, error) {
	out := struct {
		Data []orbUsage `json:"data"`
		Page *OrbPage   `json:"pagination_metadata,omitempty"`
	}{make([]orbUsage, len(usages)), page}
	for i, u := range usages {
		out.Data[i] = orbUsage{Metric: orbNamed{u.Metric, u.Name}, View: u.View, Windows: make([]orbWindow, len(u.Windows))}
		if u.Key != "" {
			out.Data[i].Group = &orbUsageGroup{u.Key, u.Value}
		}
		for n, w := range u.Windows {
			out.Data[i].Windows[n] = orbWindow{orbNumber(u.Quantities[n]), orbTime(w.Start), orbTime(w.End)}
		}
	}
	return compact(out)
}
