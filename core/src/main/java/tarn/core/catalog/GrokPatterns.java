package tarn.core.catalog;

import java.util.Map;
import java.util.TreeMap;

/**
 * The pattern names that Grok's users know, with regular expressions of our own for what they stand
 * for: without looking around or back, so that every engine can run them in linear time.
 */
final class GrokPatterns {
  static final Map<String, String> ALL = all();

  private GrokPatterns() {}

  private static Map<String, String> all() {
    Map<String, String> patterns = new TreeMap<>();
    texts(patterns);
    numbers(patterns);
    network(patterns);
    times(patterns);
    logs(patterns);
    return Map.copyOf(patterns);
  }

  private static void texts(Map<String, String> p) {
    p.put("WORD", "\\w+");
    p.put("NOTSPACE", "\\S+");
    p.put("SPACE", "\\s*");
    p.put("DATA", ".*?");
    p.put("GREEDYDATA", ".*");
    p.put("QUOTEDSTRING", "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'");
    p.put("QS", "%{QUOTEDSTRING}");
    p.put("USERNAME", "[A-Za-z0-9._-]+");
    p.put("USER", "%{USERNAME}");
    p.put("EMAILLOCALPART", "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+");
    p.put("EMAILADDRESS", "%{EMAILLOCALPART}@%{HOSTNAME}");
    p.put("UUID", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
    p.put("URN", "urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:\\S+");
    p.put("UNIXPATH", "(?:/[^\\s/]*)+");
    p.put("WINPATH", "(?:[A-Za-z]:|\\\\)(?:\\\\[^\\\\?*\\s]*)+");
    p.put("PATH", "%{UNIXPATH}|%{WINPATH}");
    p.put("JAVACLASS", "(?:[A-Za-z_$][\\w$]*\\.)*[A-Za-z_$][\\w$]*");
    p.put("JAVAFILE", "[A-Za-z0-9_. -]+");
    p.put("JAVAMETHOD", "<(?:cl)?init>|[A-Za-z_$][\\w$]*");
    p.put("PROG", "[!-Z\\\\^-~]+");
    p.put(
        "LOGLEVEL",
        "(?i:trace|debug|fine|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?|alert)");
  }

  private static void numbers(Map<String, String> p) {
    p.put("INT", "[+-]?[0-9]+");
    p.put("POSINT", "[1-9][0-9]*");
    p.put("NONNEGINT", "[0-9]+");
    p.put("BASE10NUM", "[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)");
    p.put("NUMBER", "%{BASE10NUM}");
    p.put("BASE16NUM", "[+-]?(?:0x)?[0-9A-Fa-f]+");
    p.put("BASE16FLOAT", "[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?|\\.[0-9A-Fa-f]+)");
    p.put("BOOLEAN", "(?i:true|false)");
  }

  private static void network(Map<String, String> p) {
    String octet = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})";
    p.put("IPV4", octet + "(?:\\." + octet + "){3}");
    p.put(
        "IPV6",
        "(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:[0-9A-Fa-f]{1,4}:){0,6}(?:%{IPV4}|[0-9A-Fa-f]{1,4})?(?:%[0-9A-Za-z]+)?");
    p.put("IP", "%{IPV6}|%{IPV4}");
    p.put(
        "HOSTNAME",
        "[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62})(?:\\.[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}))*\\.?");
    p.put("HOST", "%{HOSTNAME}");
    p.put("IPORHOST", "%{IP}|%{HOSTNAME}");
    p.put("HOSTPORT", "%{IPORHOST}:%{POSINT}");
    p.put("MAC", "(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}");
    p.put("URIPROTO", "[A-Za-z][A-Za-z0-9+.-]*");
    p.put("URIHOST", "%{IPORHOST}(?::%{POSINT})?");
    p.put("URIPATH", "(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+");
    p.put("URIPARAM", "\\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\[\\]<>-]*");
    p.put("URIPATHPARAM", "%{URIPATH}(?:%{URIPARAM})?");
    p.put("URI", "%{URIPROTO}://(?:[^\\s/@]*@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?");
  }

  private static void times(Map<String, String> p) {
    p.put(
        "MONTH",
        "(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)");
    p.put("MONTHNUM", "0?[1-9]|1[0-2]");
    p.put("MONTHNUM2", "0[1-9]|1[0-2]");
    p.put("MONTHDAY", "0[1-9]|[12][0-9]|3[01]|[1-9]");
    p.put(
        "DAY",
        "(?i:mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)");
    p.put("YEAR", "[0-9]{4}|[0-9]{2}");
    p.put("HOUR", "2[0-3]|[01]?[0-9]");
    p.put("MINUTE", "[0-5][0-9]");
    p.put("SECOND", "(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?");
    p.put("TIME", "%{HOUR}:%{MINUTE}(?::%{SECOND})?");
    p.put("DATE_US", "%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}");
    p.put("DATE_EU", "%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}");
    p.put("DATE", "%{DATE_US}|%{DATE_EU}");
    p.put("DATESTAMP", "%{DATE}[- ]%{TIME}");
    p.put("ISO8601_TIMEZONE", "Z|[+-]%{HOUR}(?::?%{MINUTE})");
    p.put("ISO8601_SECOND", "%{SECOND}");
    p.put(
        "TIMESTAMP_ISO8601",
        "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?");
    p.put("TZ", "[A-Z]{3,4}");
    p.put("DATESTAMP_RFC822", "%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}");
    p.put("DATESTAMP_RFC2822", "%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}");
    p.put("DATESTAMP_OTHER", "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}");
    p.put("HTTPDATE", "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}");
  }

  private static void logs(Map<String, String> p) {
    p.put("SYSLOGTIMESTAMP", "%{MONTH} +%{MONTHDAY} %{TIME}");
    p.put("SYSLOGFACILITY", "<%{NONNEGINT:facility}\\.%{NONNEGINT:priority}>");
    p.put("SYSLOGPROG", "%{PROG:program}(?:\\[%{POSINT:pid}\\])?");
    p.put("SYSLOGHOST", "%{IPORHOST}");
    p.put(
        "SYSLOGBASE",
        "%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:");
    p.put("SYSLOGLINE", "%{SYSLOGBASE} %{GREEDYDATA:message}");
    p.put("HTTPDUSER", "%{EMAILADDRESS}|%{USER}");
    p.put("HTTPDERROR_DATE", "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}");
    String quoted = "(?:[^\"\\\\]|\\\\.)*";
    String request =
        "\"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|-|(?<rawrequest>"
            + quoted
            + "))\"";
    p.put(
        "COMMONAPACHELOG",
        "%{IPORHOST:clientip} (?:-|%{NOTSPACE:ident}) (?:-|%{NOTSPACE:auth}) \\[%{HTTPDATE:timestamp}\\] "
            + request
            + " %{INT:response:int} (?:-|%{INT:bytes:long})");
    p.put(
        "COMBINEDAPACHELOG",
        "%{COMMONAPACHELOG} \"(?:-|(?<referrer>"
            + quoted
            + "))\" \"(?:-|(?<agent>"
            + quoted
            + "))\"");
    p.put("HTTPD_COMMONLOG", "%{COMMONAPACHELOG}");
    p.put("HTTPD_COMBINEDLOG", "%{COMBINEDAPACHELOG}");
  }
}
