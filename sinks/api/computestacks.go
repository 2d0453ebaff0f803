package api

// ComputeStacks is the API of ComputeStacks (docs/apis.md).
func ComputeStacks() System { return System{Name: "computestacks"} }
