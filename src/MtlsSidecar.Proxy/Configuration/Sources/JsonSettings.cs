using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>
/// Reads a JSON settings file strictly. The platform's reader merges an object that is given twice and drops what an empty list means;
/// here a key given twice is an error, because a reader of the file would see only one of the two. Comments and trailing commas are fine.
/// </summary>
internal ref struct JsonSettings
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private readonly ReadOnlySpan<byte> _json;
    private readonly SettingsLayer _layer = new();
    private Utf8JsonReader _reader;

    private JsonSettings(ReadOnlySpan<byte> json)
    {
        _json = json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        _reader = new Utf8JsonReader(_json, Options);
    }

    /// <summary>Reads the text of a file; says what is wrong and in which line if it can't.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> json,
        [NotNullWhen(true)] out SettingsLayer? layer,
        [NotNullWhen(false)] out string? problem)
    {
        var settings = new JsonSettings(json);
        try
        {
            settings.ReadDocument();
            (layer, problem) = (settings._layer, null);
            return true;
        }
        catch (JsonException exception)
        {
            // Line and position are counted from 0 and already part of the platform's sentence, in its own words.
            var line = (exception.LineNumber ?? 0) + 1;
            var reason = exception.Message.Split(" LineNumber:")[0].TrimEnd('.');
            (layer, problem) = (null, string.Create(CultureInfo.InvariantCulture, $"line {line}: {reason}"));
            return false;
        }
        catch (InvalidOperationException exception)
        {
            (layer, problem) = (null, $"not UTF-8: {exception.Message}");
            return false;
        }
    }

    private void ReadDocument()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            throw Problem("the file must hold one JSON object");
        }

        ReadObject("");

        // Reads to the end so that anything behind the object is an error.
        _reader.Read();
    }

    private void ReadObject(string path)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.GetString()!;
            if (name.Length == 0 || name.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            {
                throw Problem($"the key '{name}' must not be empty or contain a colon; nest objects instead");
            }

            if (!seen.Add(name))
            {
                throw Problem($"the key '{name}' is given twice; keys are compared without case");
            }

            _reader.Read();
            ReadValue(Combine(path, name));
        }

        if (seen.Count == 0 && path.Length > 0)
        {
            _layer.Values[path] = "";
        }
    }

    private void ReadList(string path)
    {
        _layer.Lists.Add(path);
        var count = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            ReadValue(Combine(path, count++.ToString(CultureInfo.InvariantCulture)));
        }

        if (count == 0)
        {
            _layer.Values[path] = "";
        }
    }

    private void ReadValue(string path)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(path);
                break;
            case JsonTokenType.StartArray:
                ReadList(path);
                break;
            case JsonTokenType.Null:
                _layer.Values[path] = null;
                break;
            case JsonTokenType.String:
                _layer.Values[path] = _reader.GetString();
                break;
            default:
                _layer.Values[path] = Encoding.UTF8.GetString(_reader.ValueSpan);
                break;
        }
    }

    private readonly JsonException Problem(string message)
        => new(message, path: null, lineNumber: _json[..(int)_reader.TokenStartIndex].Count((byte)'\n'), bytePositionInLine: null);

    private static string Combine(string path, string name) => path.Length == 0 ? name : path + ConfigurationPath.KeyDelimiter + name;
}
