namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A <c>GeneralName</c> (RFC 5280 §4.2.1.6) in a form in which equal names are equal values.</summary>
/// <param name="Canonical">The comparable form; starts with the tag, so names of different kinds never match.</param>
/// <param name="DirectoryName">The name, when it is a directory name.</param>
/// <param name="Uri">The text, when it is a URI.</param>
internal sealed record GeneralName(string Canonical, NameKey? DirectoryName, string? Uri)
{
    /// <summary>A directory name as general name.</summary>
    public static GeneralName Of(NameKey name) => new("4:" + name.Value, name, null);
}
