package tarn.core.lake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML 1.2 document into {@link Node}s. Built on the parser's events, not on its tree, so
 * that nesting and aliases are bounded before they cost anything.
 */
public final class YamlReader {
  /** Nesting of lists and keys. */
  static final int MAX_DEPTH = 32;

  /** Nodes of a document, each alias counted with all that it stands for. */
  static final int MAX_NODES = 100_000;

  /** Characters of a document. */
  static final int MAX_CHARACTERS = 1 << 20;

  private final String file;
  private final String text;
  private final int lineOffset;
  private final Problems problems;
  private final Deque<Open> open = new ArrayDeque<>();
  private final Map<Anchor, Sized> anchors = new HashMap<>();
  private @Nullable Node document;
  private int nodes;
  private int documents;

  private YamlReader(String file, int lineOffset, String text, Problems problems) {
    this.file = file;
    this.text = text;
    this.lineOffset = lineOffset;
    this.problems = problems;
  }

  /**
   * Reads a document.
   *
   * @param file its name for problems
   * @param lineOffset lines of the file before the text
   * @return empty for an empty document, and when the text is no YAML (then there is a problem)
   */
  public static Optional<Node> read(String file, int lineOffset, String text, Problems problems) {
    if (text.length() > MAX_CHARACTERS) {
      problems.error(
          Place.startOf(file), "", "the file is longer than " + MAX_CHARACTERS + " characters");
      return Optional.empty();
    }
    return new YamlReader(file, lineOffset, text, problems).read();
  }

  private Optional<Node> read() {
    LoadSettings settings = LoadSettings.builder().setLabel(file).setUseMarks(true).build();
    try {
      for (Event event : new Parse(settings).parseString(text)) {
        take(event);
      }
      return Optional.ofNullable(document);
    } catch (TooMuch e) {
      problems.error(e.place, "", e.what);
    } catch (MarkedYamlEngineException e) {
      Place at = place(e.getProblemMark().or(e::getContextMark));
      problems.error(at, "", "not YAML: " + oneLine(e.getProblem()), hint(e.getProblem()));
    } catch (YamlEngineException e) {
      problems.error(
          Place.startOf(file), "", "not YAML: " + oneLine(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private void take(Event event) {
    if (event instanceof DocumentStartEvent) {
      documents++;
      if (documents > 1) {
        throw new TooMuch(at(event), "a second YAML document begins here; one is allowed per file");
      }
    } else if (event instanceof ScalarEvent scalar) {
      add(scalar, new Sized(scalar(scalar), 1));
    } else if (event instanceof AliasEvent alias) {
      add(alias, aliased(alias));
    } else if (event instanceof SequenceStartEvent || event instanceof MappingStartEvent) {
      begin((NodeEvent) event);
    } else if (event instanceof SequenceEndEvent || event instanceof MappingEndEvent) {
      Open ended = open.pop();
      add(ended.start, ended.build(problems));
    }
  }

  private void begin(NodeEvent event) {
    if (open.size() >= MAX_DEPTH) {
      throw new TooMuch(at(event), "nested deeper than " + MAX_DEPTH);
    }
    open.push(new Open(event, at(event)));
  }

  private Sized aliased(AliasEvent alias) {
    Sized target = anchors.get(alias.getAlias());
    if (target == null) {
      throw new TooMuch(
          at(alias),
          "the alias *" + alias.getAlias().getValue() + " has no complete anchor before it");
    }
    return target;
  }

  private void add(NodeEvent event, Sized sized) {
    nodes += event instanceof AliasEvent ? sized.size : 1;
    if (nodes > MAX_NODES) {
      throw new TooMuch(at(event), "more than " + MAX_NODES + " values (aliases counted in full)");
    }
    if (!(event instanceof AliasEvent)) {
      event.getAnchor().ifPresent(anchor -> anchors.put(anchor, sized));
    }
    Open parent = open.peek();
    if (parent == null) {
      document = sized.node;
    } else {
      parent.children.add(sized);
    }
  }

  private Node.Scalar scalar(ScalarEvent event) {
    Node.Style style =
        switch (event.getScalarStyle()) {
          case PLAIN -> Node.Style.PLAIN;
          case SINGLE_QUOTED -> Node.Style.SINGLE_QUOTED;
          case DOUBLE_QUOTED, JSON_SCALAR_STYLE -> Node.Style.DOUBLE_QUOTED;
          case LITERAL, FOLDED -> Node.Style.BLOCK;
        };
    int indent = style == Node.Style.BLOCK ? indentAfter(event) : 0;
    return new Node.Scalar(at(event), event.getValue(), style, indent);
  }

  /** The spaces before the first line of a block that is not blank. */
  private int indentAfter(Event event) {
    int line = event.getStartMark().map(Mark::getLine).orElse(0);
    return text.lines()
        .skip(line + 1L)
        .filter(l -> !l.isBlank())
        .findFirst()
        .map(l -> l.length() - l.stripLeading().length())
        .orElse(0);
  }

  private Place at(Event event) {
    return place(event.getStartMark());
  }

  private Place place(Optional<Mark> mark) {
    return mark.map(m -> new Place(file, m.getLine() + 1 + lineOffset, m.getColumn() + 1))
        .orElse(Place.startOf(file));
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").trim();
  }

  private static String hint(String problem) {
    if (problem.contains("TAB")) {
      return "indent with spaces";
    }
    return problem.contains("mapping values are not allowed")
        ? "put a value that has ': ' in it into quotes"
        : "";
  }

  /** A list or mapping that has begun and not ended. */
  private static final class Open {
    private final NodeEvent start;
    private final Place place;
    private final List<Sized> children = new ArrayList<>();

    Open(NodeEvent start, Place place) {
      this.start = start;
      this.place = place;
    }

    Sized build(Problems problems) {
      int size = 1 + children.stream().mapToInt(child -> child.size).sum();
      Node node =
          start instanceof SequenceStartEvent
              ? new Node.Sequence(place, children.stream().map(child -> child.node).toList())
              : mapping(problems);
      return new Sized(node, size);
    }

    private Node.Mapping mapping(Problems problems) {
      List<Node.Entry> entries = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (int i = 0; i + 1 < children.size(); i += 2) {
        if (!(children.get(i).node instanceof Node.Scalar key)) {
          problems.error(children.get(i).node.place(), "", "a key must be a single value");
        } else if (!seen.add(key.text())) {
          problems.error(key.place(), key.text(), "the key '" + key.text() + "' stands here twice");
        } else {
          entries.add(new Node.Entry(key, children.get(i + 1).node));
        }
      }
      return new Node.Mapping(place, entries);
    }
  }

  private static final class Sized {
    private final Node node;
    private final int size;

    Sized(Node node, int size) {
      this.node = node;
      this.size = size;
    }
  }

  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Place place;
    private final String what;

    TooMuch(Place place, String what) {
      super(what, null, false, false);
      this.place = place;
      this.what = what;
    }
  }
}
