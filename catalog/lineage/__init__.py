"""Where does data come from and where does it go: one step, any depth, by port and column, and as a whole?"""

from catalog.lineage.graph import Edge, Graph, Node
from catalog.lineage.steps import Lineage, node_of

__all__ = ["Edge", "Graph", "Lineage", "Node", "node_of"]
