# What one component becomes. Put resources of your providers here; `terraform_data` is built in, so that the example
# fetches nothing. Whatever you make has to carry the labels.

variable "labels" {
  type = map(string)
}

variable "definition" {
  type = any
}

resource "terraform_data" "component" {
  input = {
    labels = var.labels
    size   = try(var.definition.size, 1)
  }
}

output "size" {
  value = terraform_data.component.output.size
}
