package tarn.server;

import java.nio.file.Path;
import tarn.core.lake.LakeDefinition;

/** The lake that a server opens: its definition, as the doors see it. */
record Lake(LakeDefinition definition) {

  String name() {
    return definition.name();
  }

  String environment() {
    return definition.environment();
  }

  Path home() {
    return definition.home();
  }
}
