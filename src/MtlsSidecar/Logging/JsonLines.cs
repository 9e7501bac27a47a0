using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;
using Serilog.Parsing;

namespace MtlsSidecar.Logging;

/// <summary>
/// Writes log events as one JSON object a line: <c>timestamp</c> (UTC), <c>level</c>, <c>message</c>, then <c>exception</c> and the
/// <c>properties</c> if there are any. Texts are bounded: some come from peers.
/// </summary>
internal sealed class JsonLines : IDisposable
{
    private const int MaxTextLength = 4_096;
    private const int MaxExceptionLength = 16_384;
    private const int MaxDepth = 8;

    private readonly ArrayBufferWriter<byte> _lines = new(16 * 1024);
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly StringWriter _message = new(new StringBuilder(512), CultureInfo.InvariantCulture);
    private readonly Utf8JsonWriter _writer;

    public JsonLines() => _writer = new Utf8JsonWriter(_line, new JsonWriterOptions
    {
        // Readable quotes and letters; control characters stay escaped, so that a line is a line and a terminal is safe.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    /// <summary>The lines added since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _lines.WrittenSpan;

    /// <summary>Adds one line; nothing of it if a value can't be written.</summary>
    public void Add(LogEvent logEvent)
    {
        _line.ResetWrittenCount();
        _writer.Reset();
        WriteEvent(logEvent);
        _writer.Flush();
        _line.Write("\n"u8);
        _lines.Write(_line.WrittenSpan);
    }

    /// <summary>Forgets the lines.</summary>
    public void Clear() => _lines.ResetWrittenCount();

    public void Dispose()
    {
        _writer.Dispose();
        _message.Dispose();
    }

    private void WriteEvent(LogEvent logEvent)
    {
        _writer.WriteStartObject();
        _writer.WriteString("timestamp", logEvent.Timestamp.UtcDateTime);
        _writer.WriteString("level", LevelName(logEvent.Level));
        _writer.WriteString("message", Bounded(Message(logEvent), MaxTextLength));
        if (logEvent.Exception is { } exception)
        {
            _writer.WriteString("exception", Bounded(exception.ToString(), MaxExceptionLength));
        }

        if (logEvent.TraceId is { } traceId)
        {
            _writer.WriteString("traceId", traceId.ToHexString());
        }

        if (logEvent.SpanId is { } spanId)
        {
            _writer.WriteString("spanId", spanId.ToHexString());
        }

        if (logEvent.Properties.Count > 0)
        {
            _writer.WriteStartObject("properties");
            foreach (var (name, value) in logEvent.Properties)
            {
                _writer.WritePropertyName(name);
                WriteValue(value, MaxDepth);
            }

            _writer.WriteEndObject();
        }

        _writer.WriteEndObject();
    }

    /// <summary>The message with texts as they are; Serilog's own rendering puts them in quotes, which JSON would have to escape.</summary>
    private string Message(LogEvent logEvent)
    {
        _message.GetStringBuilder().Clear();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property
                && logEvent.Properties.TryGetValue(property.PropertyName, out var value)
                && value is ScalarValue { Value: string text })
            {
                _message.Write(text);
            }
            else
            {
                token.Render(logEvent.Properties, _message, CultureInfo.InvariantCulture);
            }
        }

        return _message.ToString();
    }

    private void WriteValue(LogEventPropertyValue value, int depth)
    {
        switch (value)
        {
            case ScalarValue scalar:
                WriteScalar(scalar.Value);
                break;
            case SequenceValue sequence when depth > 0:
                _writer.WriteStartArray();
                foreach (var element in sequence.Elements)
                {
                    WriteValue(element, depth - 1);
                }

                _writer.WriteEndArray();
                break;
            case StructureValue structure when depth > 0:
                WriteObject(structure.Properties.Select(property => KeyValuePair.Create(property.Name, property.Value)), depth);
                break;
            case DictionaryValue dictionary when depth > 0:
                WriteObject(dictionary.Elements.Select(element => KeyValuePair.Create(element.Key.Value?.ToString() ?? "", element.Value)), depth);
                break;
            default:
                _writer.WriteStringValue(Bounded(value.ToString(null, CultureInfo.InvariantCulture), MaxTextLength));
                break;
        }
    }

    private void WriteObject(IEnumerable<KeyValuePair<string, LogEventPropertyValue>> members, int depth)
    {
        _writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            _writer.WritePropertyName(name);
            WriteValue(value, depth - 1);
        }

        _writer.WriteEndObject();
    }

    private void WriteScalar(object? value)
    {
        switch (value)
        {
            case null:
                _writer.WriteNullValue();
                break;
            case string text:
                _writer.WriteStringValue(Bounded(text, MaxTextLength));
                break;
            case bool truth:
                _writer.WriteBooleanValue(truth);
                break;
            case int number:
                _writer.WriteNumberValue(number);
                break;
            case long number:
                _writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                _writer.WriteNumberValue(number);
                break;
            case DateTimeOffset time:
                _writer.WriteStringValue(time);
                break;
            case IFormattable other:
                _writer.WriteStringValue(Bounded(other.ToString(null, CultureInfo.InvariantCulture), MaxTextLength));
                break;
            default:
                _writer.WriteStringValue(Bounded(value.ToString() ?? "", MaxTextLength));
                break;
        }
    }

    private static ReadOnlySpan<char> Bounded(string text, int maxLength) => text.Length <= maxLength ? text : string.Concat(text.AsSpan(0, maxLength), "…");

    private static string LevelName(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "verbose",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "information",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "fatal",
    };
}
