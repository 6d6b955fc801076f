FROM clean.ordesr
