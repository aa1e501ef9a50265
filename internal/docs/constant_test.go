package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"strconv"
	"strings"
)

// constant is the value of a package's constant, read off its source: numbers,
// times in nanoseconds, and other constants with + - * / and <<.
func constant(dir, name string) (float64, error) {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return 0, err
		}
		for _, d := range src.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				vs := spec.(*ast.ValueSpec)
				for i, n := range vs.Names {
					if n.Name == name && i < len(vs.Values) {
						return evaluate(dir, vs.Values[i])
					}
				}
			}
		}
	}
	return 0, fmt.Errorf("%s has no constant %s", dir, name)
}

// timeUnits are what the standard library's constants come to.
var timeUnits = map[string]float64{"Millisecond": 1e6, "Second": 1e9, "Minute": 60e9, "Hour": 3600e9}

func evaluate(dir string, x ast.Expr) (float64, error) {
	switch x := x.(type) {
	case *ast.BasicLit:
		return strconv.ParseFloat(strings.ReplaceAll(x.Value, "_", ""), 64)
	case *ast.ParenExpr:
		return evaluate(dir, x.X)
	case *ast.Ident:
		return constant(dir, x.Name)
	case *ast.SelectorExpr:
		pkg, _ := x.X.(*ast.Ident)
		if pkg == nil {
			break
		}
		if u, ok := timeUnits[x.Sel.Name]; ok && pkg.Name == "time" {
			return u, nil
		}
		return constant("internal/"+pkg.Name, x.Sel.Name)
	case *ast.BinaryExpr:
		a, err := evaluate(dir, x.X)
		if err != nil {
			return 0, err
		}
		b, err := evaluate(dir, x.Y)
		if err != nil {
			return 0, err
		}
		switch x.Op {
		case token.ADD:
			return a + b, nil
		case token.SUB:
			return a - b, nil
		case token.MUL:
			return a * b, nil
		case token.QUO:
			return a / b, nil
		case token.SHL:
			return a * math.Pow(2, b), nil
		}
	}
	return 0, fmt.Errorf("%s: a constant is written as %T, which this test does not read", dir, x)
}
