using System.CommandLine;

namespace MtlsSidecar.Authority.Commands;

/// <summary>Options whose value is a URL.</summary>
internal static class UrlOption
{
    /// <summary>Makes an option.</summary>
    public static Option<Uri?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url))
            {
                return url;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}', which is not a URL.");
            return null;
        },
    };
}
