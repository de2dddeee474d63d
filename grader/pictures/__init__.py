"""Pictures beside a verdict: what a curve and a graph say is made once; SVG and the terminal only draw it."""
