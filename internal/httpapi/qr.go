package httpapi

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// qrQuiet is the white border that readers need (ISO/IEC 18004 §6.3.8).
const qrQuiet = 4

// qrCode draws a text as SVG: dark on light in any color scheme, since not
// every reader takes the reverse.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("a QR code of %d bytes: %w", len(text), err)
	}
	var b strings.Builder
	side := code.Size + 2*qrQuiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+qrQuiet, y+qrQuiet, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}
