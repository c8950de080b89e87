//! Names of parameters while a module is traversed.

/// Where a traversal is: the stack of `enter_module` calls.
///
/// The name of a parameter is its fields joined by dots, `layer1.0.conv1.weight`. Variants of enums are left
/// out, so that the bias of a layer keeps its name when the layer is replaced by another variant.
#[derive(Debug, Default)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    container: String,
}

impl Path {
    pub(crate) fn enter(&mut self, name: &str, container: &str) {
        self.steps.push(Step {
            name: name.to_owned(),
            container: container.to_owned(),
        });
    }

    pub(crate) fn exit(&mut self) {
        self.steps.pop();
    }

    /// The name of the parameter the traversal is at.
    pub(crate) fn name(&self) -> String {
        self.parts().collect::<Vec<_>>().join(".")
    }

    /// Whether the traversal is at the parameter of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.parts().eq(name.split('.'))
    }

    /// The type that holds the parameter as a field, such as `Linear`.
    pub(crate) fn holder(&self) -> &str {
        let container = self.steps.last().map_or("", |step| &step.container);
        container.strip_prefix("Struct:").unwrap_or(container)
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.steps
            .iter()
            .filter(|step| !step.container.starts_with("Enum:"))
            .map(|step| step.name.as_str())
    }
}

/// The two methods of `ModuleVisitor` and `ModuleMapper` that keep the field `path` up to date.
macro_rules! follow_path {
    () => {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.exit();
        }
    };
}
pub(crate) use follow_path;

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn enum_variants_are_no_part_of_a_name() {
        let mut path = Path::default();
        path.enter("conv1", "Struct:Net");
        path.enter("Dense", "Enum:Conv");
        path.enter("weight", "Struct:Conv2d");
        assert_eq!(path.name(), "conv1.weight");
        assert!(path.is("conv1.weight"));
        assert!(!path.is("conv1.Dense.weight"));
        assert!(!path.is("conv1"));
        assert_eq!(path.holder(), "Conv2d");
        path.exit();
        path.exit();
        assert_eq!(path.name(), "conv1");
    }
}
