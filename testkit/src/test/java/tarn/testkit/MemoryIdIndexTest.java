package tarn.testkit;

import tarn.core.stream.IdIndex;

class MemoryIdIndexTest extends IdIndexContract {
  @Override
  protected IdIndex open() {
    return new MemoryIdIndex();
  }
}
