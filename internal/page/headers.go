package page

// securityHeaders are sent with every answer. The site loads nothing from
// elsewhere and holds no inline script or style, so the policy can be as tight
// as policies get.
func securityHeaders(https bool) []headerLine {
	h := []headerLine{
		{"Content-Security-Policy", []string{"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
			"connect-src 'self'; media-src 'self'; manifest-src 'self'; frame-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
			"object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"}},
		{"Cross-Origin-Embedder-Policy", []string{"require-corp"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"}},
		{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
		{"X-Content-Type-Options", []string{"nosniff"}},
	}
	if https {
		h = append(h, headerLine{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return h
}
