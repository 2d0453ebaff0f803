package usage_test

import (
	"testing"

	"daybook/sources/usage"
	"daybook/sources/usage/usagetest"
)

func TestLocal_Conforms(t *testing.T) {
	usagetest.Run(t, func() usage.Engine { return usage.New() })
}
