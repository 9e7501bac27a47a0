using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>Reads an enrolment token. Its text appears in no message.</summary>
public static class EnrolmentToken
{
    private const int MaxLength = 4096;

    /// <summary>Reads a token file: one line of visible characters.</summary>
    /// <exception cref="TrustMaterialException">There is no such file, or no token in it.</exception>
    public static string Read(string file)
    {
        var token = TrustFile.ReadText(file).Trim();
        return token.Length is > 0 and <= MaxLength && !token.Any(character => character is <= ' ' or > '~')
            ? token
            : throw new TrustMaterialException($"{file} holds no token: one line of visible ASCII characters");
    }
}
