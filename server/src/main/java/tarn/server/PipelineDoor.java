package tarn.server;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import tarn.api.Json;
import tarn.api.Message;
import tarn.api.PipelineSetting;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** The routes of pipelines. */
final class PipelineDoor {
  private static final String ALL = "/v1/pipelines";
  private static final String ONE = ALL + "/{pipeline}";
  private static final int MOST_RUNS = 1_000;
  private static final int RUNS = 20;
  private static final int LONGEST_SETTING = 10_000;

  private PipelineDoor() {}

  static void open(JavalinConfig config, PipelineOperations pipelines) {
    config.routes.get(ALL, c -> answer(c, pipelines.list()));
    config.routes.get(ONE, c -> answer(c, pipelines.status(name(c))));
    config.routes.get(ONE + "/runs", c -> answer(c, pipelines.history(name(c), limit(c))));
    config.routes.get(
        ONE + "/runs/{run}", c -> answer(c, pipelines.find(name(c), c.pathParam("run"))));
    config.routes.post(ONE + "/runs", c -> answer(c, pipelines.run(name(c))));
    config.routes.post(ONE + "/stop", c -> answer(c, pipelines.stop(name(c))));
    config.routes.post(ONE + "/enable", c -> answer(c, pipelines.enable(name(c), true)));
    config.routes.post(ONE + "/disable", c -> answer(c, pipelines.enable(name(c), false)));
    config.routes.post(
        ONE + "/settings", c -> answer(c, pipelines.set(name(c), PipelineSetting.from(body(c)))));
  }

  private static String name(Context c) {
    return c.pathParam("pipeline");
  }

  private static int limit(Context c) {
    String limit = c.queryParam("limit");
    if (limit == null) {
      return RUNS;
    }
    if (!limit.matches("[0-9]{1,4}") || Integer.parseInt(limit) > MOST_RUNS) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST, "'limit' is " + limit + "; it is a number from 0 to " + MOST_RUNS);
    }
    return Integer.parseInt(limit);
  }

  private static tarn.api.Fields body(Context c) {
    byte[] bytes = c.bodyAsBytes();
    if (bytes.length > LONGEST_SETTING) {
      throw new TarnException(
          ErrorCode.LIMIT_EXCEEDED, "the request is longer than " + LONGEST_SETTING + " bytes");
    }
    return Json.readObject(new String(bytes, StandardCharsets.UTF_8));
  }

  private static void answer(Context c, Message message) {
    c.contentType("application/json;charset=utf-8").result(Json.write(message));
  }
}
